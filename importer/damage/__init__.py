"""What happened to cells before they reached us: found, told, and repaired only where a person asks for it.

Every function is pure. An `Inspection` looks at the cells of a row, `survey` at columns as a whole.

inspection
   ▼
finding ─┬▶ numbers    shortened (2.35E+12), rounded after 15 digits, made decimals
         ├▶ postcodes  the same, and zeros lost in front
         ├▶ phones     the same
         ├▶ dates      days as spreadsheet programs count them
         ├▶ texts      wrong encoding, invisible characters, errors of formulas
         └▶ misplaced  text that belongs into another column
columns ──▶ columns that hold few of what they are mapped to; columns that Excel rounded
"""

from importer.damage.columns import ColumnTrouble, Survey, survey
from importer.damage.finding import finder
from importer.damage.found import Damage, Find, Regions
from importer.damage.inspection import Inspection

__all__ = ["ColumnTrouble", "Damage", "Find", "Inspection", "Regions", "Survey", "finder", "survey"]
