"""Reading csv, tsv and txt: every cell as it was written, under its row's number."""

# ruff: noqa: RUF001  letters of many scripts are what is tested

import codecs
import csv
import io
import os
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.errors import SourceError
from importer.source import ReadOptions, Source, open_source, text
from importer.source.faults import MAX_CELL

HEADINGS = ("Name", "Email", "City")
ROWS = (("Ann", "ann@example.com", "Oslo"), ("Bob", "bob@example.com", "Rome"))


def written(folder: Path, content: str | bytes, name: str = "customers.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def table(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    text = io.StringIO()
    if end == "\r\n":
        csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    else:  # quoted, since the writer forgets to quote a lone carriage return
        csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def cells(source: Source) -> list[tuple[str, ...]]:
    return [row.cells for row in source.rows()]


def test_rows_come_with_the_numbers_of_a_spreadsheet_program(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, "Name,City\nAnn,Oslo\n\n , \nBob,Rome\n"))
    assert source.columns == ("Name", "City")
    assert [(row.number, row.cells) for row in source.rows()] == [(2, ("Ann", "Oslo")), (5, ("Bob", "Rome"))]
    assert (source.header_row, source.sheet, source.is_text, source.settings) == (1, "", True, None)


def test_line_breaks_inside_quotes_are_part_of_one_row(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, 'Name,Address\r\nAnn,"1 Main St\r\nOslo"\r\nBob,x\r\n'))
    assert [(row.number, row.cells) for row in source.rows()] == [
        (2, ("Ann", "1 Main St\r\nOslo")),
        (3, ("Bob", "x")),
    ]


def test_rows_can_be_read_as_often_as_wanted_and_side_by_side(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, table([HEADINGS, *ROWS])))
    assert list(zip(source.rows(), source.rows(), strict=True)) == [(row, row) for row in source.rows()]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_and_line_ends_are_found(tmp_path: Path, delimiter: str, end: str) -> None:
    source = open_source(written(tmp_path, table([HEADINGS, *ROWS], delimiter, end)))
    assert source.columns == HEADINGS
    assert cells(source) == list(ROWS)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Name;Address;City\nAnn;1 Main St, Apt 2, Floor 3, B;Oslo\nBob;2 Side St, Apt 4, x, y;Rome\n", 3),
        ("Name;Amount\nAnn;1,50\nBob;2,75\n", 2),
        ('Name;Note\n"Ann, A";"x,y,z"\n"Bob, B";"x,y,z"\n', 2),
        ('Name,Note\nAnn,"a;b;c"\nBob,"d;e;f"\n', 2),
        ("Last, First;Email\nSmith, John;j@example.com\nDoe, Jane;d@example.com\n", 2),
        ("Last, First, Born;Email\nSmith, John, 1990;j@example.com\nDoe, Jane, 1991;d@example.com\n", 2),
        ("Name;City;Note\nAnn;Oslo, NO\nBob;Rome, IT;x\nCid;Bern, CH\nDan;Nice, FR;y\n", 3),
        ("Report of May\n\nName;City\nAnn;Oslo, NO\nBob;Rome, IT\n", 2),
        ("email\na@example.com\nb@example.com\n", 1),
        ("Name|Tags\nAnn|a,b\nBob|c,d;e\n", 2),
    ],
)
def test_delimiter_is_the_one_that_divides_every_row(tmp_path: Path, text: str, columns: int) -> None:
    assert len(open_source(written(tmp_path, text)).columns) == columns


@pytest.mark.parametrize(
    ("text", "rows", "told"),
    [
        (
            "'Name','City'\n'Ann, A','Oslo'\n'O''Neil',7\n",
            [("Ann, A", "Oslo"), ("O'Neil", "7")],
            "in 'quotes'",
        ),
        (
            '"Name","City"\n"Ann \\"A\\" B","C:\\\\x\\y"\n"Bob",Rome\n',
            [('Ann "A" B', "C:\\x\\y"), ("Bob", "Rome")],
            "backslashes before quotation marks",
        ),
        ('"Name", "City"\n"Ann, A", "Oslo"\n', [("Ann, A", "Oslo")], ""),
        ('Name,Path\nAnn,"C:\\dir\\"\nBob,"C:\\x"\n', [("Ann", "C:\\dir\\"), ("Bob", "C:\\x")], ""),
        ("Name,City\n'Ann',Oslo\nO'Neil,Rome\n", [("'Ann'", "Oslo"), ("O'Neil", "Rome")], ""),
        ('Name,City\nAnn "Bo" Lee,5" pipe\n', [('Ann "Bo" Lee', '5" pipe')], ""),
    ],
    ids=["single", "backslash", "spaced", "paths", "apostrophes", "inside"],
)
def test_quotation_marks_are_found(tmp_path: Path, text: str, rows: list[tuple[str, ...]], told: str) -> None:
    source = open_source(written(tmp_path, text))
    assert cells(source) == rows
    assert told in source.notes[0]
    assert ("quot" in source.notes[0]) is bool(told)


def test_a_delimiter_that_is_given_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, "Name^City\nAnn, A;B^Oslo\n")
    assert cells(open_source(path, ReadOptions(delimiter="^"))) == [("Ann, A;B", "Oslo")]


@pytest.mark.parametrize("word", ["tab", "\\t", "\t"])
def test_tab_can_be_given_by_name(tmp_path: Path, word: str) -> None:
    path = written(tmp_path, "Name,x\tCity\nAnn\tOslo\n")
    assert open_source(path, ReadOptions(delimiter=word)).columns == ("Name,x", "City")


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "comma"])
def test_what_cannot_delimit_is_refused(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(SourceError, match="--delimiter is one character"):
        open_source(written(tmp_path, "a,b\n1,2\n"), ReadOptions(delimiter=delimiter))


def test_a_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, "sep=;\r\nName;City\r\nAnn;Oslo, NO\r\n"))
    assert source.header_row == 1
    assert [(row.number, row.cells) for row in source.rows()] == [(2, ("Ann", "Oslo, NO"))]


def test_short_rows_are_padded_and_long_ones_add_columns_without_heading(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, "Name,City\nAnn\nBob,Rome,,extra,\nCid,Bern,,\n"))
    assert source.columns == ("Name", "City", "", "")
    assert cells(source) == [("Ann", "", "", ""), ("Bob", "Rome", "", "extra"), ("Cid", "Bern", "", "")]


def test_blank_columns_at_the_end_are_left_out_and_inside_are_kept(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, "Name,,City,,\nAnn,,Oslo,,\n"))
    assert source.columns == ("Name", "", "City")
    assert cells(source) == [("Ann", "", "Oslo")]


def test_headings_are_not_altered(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, 'Name, Name ,"First\nline",Name\na,b,c,d\n'))
    assert source.columns == ("Name", " Name ", "First\nline", "Name")


def test_text_that_looks_like_a_number_or_like_nothing_stays_text(tmp_path: Path) -> None:
    values = ("00501", "NA", "NULL", "None", "nan", "1e5", "1.0", "TRUE", "6581234567", " x ", "#N/A", "=1+1")
    source = open_source(written(tmp_path, table([[f"heading {i}" for i in range(len(values))], values])))
    assert cells(source) == [values]


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_unicode_is_read_with_and_without_its_mark(tmp_path: Path, encoding: str, bom: bytes) -> None:
    rows = [("Name", "City"), ("Zoë 王伟", "Łódź"), ("Иван", "東京 🗼")]
    source = open_source(written(tmp_path, bom + table(rows).encode(encoding)))
    assert source.columns == rows[0]
    assert cells(source) == rows[1:]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "rows",
    [
        [("Имя", "Город"), ("Иван Петров", "Москва"), ("Анна Сидорова", "Казань")],
        [("姓名", "城市"), ("王伟", "北京"), ("李娜", "上海")],
        [("Ὄνομα", "Πόλη"), ("Γιώργος", "Αθήνα")],
    ],
)
def test_utf16_without_its_mark_is_found_in_other_scripts(
    tmp_path: Path, encoding: str, rows: list[tuple[str, ...]]
) -> None:
    source = open_source(written(tmp_path, table(rows, ";").encode(encoding)))
    assert [source.columns, *cells(source)] == rows
    assert source.notes[0] == "encoding UTF-16, delimiter semicolon"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"\xff\xfe" + "Name,City\nAnn,Oslo\n".encode("utf-16-le") + b"\x00\xd8\n\x00", 3),
        ("Name,City\nZoë,Oslo\n".encode() + b"Ann \xed\xa0\x80,Oslo\n", 3),
        (b"Name,City\nAnn \xed\xb0\x80,Oslo\n", 2),
    ],
    ids=["utf-16", "utf-8", "utf-8 alone"],
)
def test_half_a_surrogate_pair_is_refused_and_its_line_named(
    tmp_path: Path, content: bytes, line: int
) -> None:
    with pytest.raises(SourceError, match=rf"line {line}\b"):
        open_source(written(tmp_path, content))


@pytest.mark.parametrize(
    "encoding", ["shift_jis", "gbk", "cp1250", "cp1251", "cp1254", "utf-16", "big5", "euc-kr"]
)
def test_every_encoding_that_is_named_reads_right(tmp_path: Path, encoding: str) -> None:
    names = {
        "shift_jis": "山田太郎",
        "gbk": "王伟",
        "cp1250": "Łukasz Żółć",
        "cp1251": "Иван",
        "cp1254": "Işık Ağa",
    }
    name = names.get(encoding, {"utf-16": "Zoë 🗼", "big5": "陳怡君", "euc-kr": "김철수"}.get(encoding, ""))
    source = open_source(
        written(tmp_path, f"Name;Note\n{name};a\n".encode(encoding)), ReadOptions(encoding=encoding)
    )
    assert cells(source) == [(name, "a")]
    assert source.notes[0] == f"encoding {encoding}, delimiter semicolon"


CODE_PAGES = {
    "cp1252 fr": ("cp1252", "Nom;Prénom;Ville\nDupré;Hélène;Orléans\nLefèvre;François;Besançon\n"),
    "cp1252 de": ("cp1252", "Name;Straße;Ort\nMüller;Königstraße 5;München\nSchröder;Am Bach;Köln\n"),
    "cp1252 es": ("cp1252", "nombre;dirección;país\nMuñoz;Calle Núñez;España\nPeña;Avenida Niño;México\n"),
    "cp1252 pt": ("cp1252", "Nome;Cidade;País\nJoão Conceição;São Paulo;Brasil\nAntônio;Belém;Brasil\n"),
    "cp1252 punctuation": ("cp1252", "name,note\nO’Brien,“quoted” – ok\nSmith,50 €\n"),
    "cp1252 one letter": ("cp1252", "name,city\nJosé,Madrid\nAnn,Rome\n"),
    "cp1250 pl": ("cp1250", "Imię;Nazwisko;Miasto\nŁukasz;Święty;Łódź\nGrażyna;Żółć;Kraków\n"),
    "cp1250 cs": ("cp1250", "Jméno;Příjmení;Město\nJiří;Dvořák;Plzeň\nTomáš;Černý;Ústí nad Labem\n"),
    "cp1251 ru": ("cp1251", "Имя;Фамилия;Город\nИван;Петров;Москва\nАнна;Сидорова;Казань\n"),
    "cp1253 el": ("cp1253", "Όνομα;Επώνυμο;Πόλη\nΓιώργος;Παπαδόπουλος;Αθήνα\n"),
    "cp1254 tr": (
        "cp1254",
        "Ad;Soyad;Şehir\nAyşe;Yılmaz;İstanbul\nMehmet;Öztürk;Eskişehir\nGül;Işık;Muğla\n",
    ),
    "cp1256 ar": ("cp1256", "الاسم;المدينة\nمحمد علي;القاهرة\nفاطمة حسن;الرياض\n"),
    "cp1257 lv": ("cp1257", "Vārds;Pilsēta\nJānis Bērziņš;Rīga\nLīga Kalniņa;Jūrmala\n"),
    "mac_roman fr": ("mac_roman", "Name;Ville\nDupré;Orléans\nLefèvre;Besançon\n"),
    "mac_roman one letter": ("mac_roman", "Name;Ville\nDupré;Orléans\n"),
    "cp850 fr": ("cp850", "Name;Ville\nDupré;Orléans\nLefèvre;Besançon\n"),
    "gb18030 zh": ("gb18030", "姓名;城市\n王伟;北京\n李娜;上海\n张敏;深圳\n"),
    "big5 zh": ("big5", "姓名;城市\n陳怡君;臺北\n林志明;高雄\n黃淑芬;臺中\n"),
    "cp932 ja": ("cp932", "氏名;都市\n山田太郎;東京\n鈴木花子;大阪\n高橋健一;名古屋\n"),
    "iso8859_2 pl": ("iso8859_2", "Imię;Nazwisko;Miasto\nŁukasz;Święty;Łódź\nGrażyna;Żółć;Kraków\n"),
    "koi8_r ru": ("koi8_r", "Имя;Фамилия;Город\nИван;Петров;Москва\nАнна;Сидорова;Казань\n"),
    "cp866 ru": ("cp866", "Имя;Фамилия;Город\nИван;Петров;Москва\nАнна;Сидорова;Казань\n"),
    "cp1255 he": ("cp1255", "שם;עיר\nדוד כהן;ירושלים\nשרה לוי;חיפה\n"),
    "euc_jp ja": ("euc_jp", "氏名;都市\n山田太郎;東京\n鈴木花子;大阪\nソニー;さいたま\n"),
    "cp1252 one word": ("cp1252", "Name;Note\nZoë;£5\n"),
    "cp949 ko": ("cp949", "이름;도시\n김철수;서울\n이영희;부산\n"),
}


@pytest.mark.parametrize("name", CODE_PAGES)
def test_code_page_is_found(tmp_path: Path, name: str) -> None:
    encoding, text = CODE_PAGES[name]
    source = open_source(written(tmp_path, text.encode(encoding)))
    assert [source.columns, *cells(source)] == [
        tuple(line.split(";" if ";" in text else ",")) for line in text.split("\n")[:-1]
    ]
    assert "guessed" in source.notes[0]


def test_code_page_that_only_a_late_row_betrays_holds_for_the_whole_file(tmp_path: Path) -> None:
    plain = "".join(f"Customer {i},Town {i}\n" for i in range(200_000))
    source = open_source(
        written(tmp_path, b"Name,City\n" + plain.encode() + "Zoë,Orléans\n".encode("cp1252"))
    )
    *_, last = source.rows()
    assert last == type(last)(200_002, ("Zoë", "Orléans"))


def test_utf8_with_one_damaged_character_is_refused_and_its_line_named(tmp_path: Path) -> None:
    good = "Name,City\nZoë,Orléans\nJosé,Málaga\n".encode()
    with pytest.raises(SourceError, match=r"damaged characters; the first is in line 4.*--encoding"):
        open_source(written(tmp_path, good + b"Ren\xe9,Oslo\n"))


def test_utf8_that_breaks_off_inside_a_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="damaged characters"):
        open_source(written(tmp_path, "Name,City\nZoë,Orléans é\nAnn,Oslo é".encode()[:-1]))


def test_characters_across_a_block_boundary_are_whole(tmp_path: Path) -> None:
    for shift in range(3):
        line = "€" * 400_000
        source = open_source(written(tmp_path, f"Name,City\n{'x' * shift},{line}\n"))
        assert cells(source) == [("x" * shift, line)]


def test_encoding_that_is_given_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, "Имя,Город\nИван,Москва\n".encode("koi8-r"))
    source = open_source(path, ReadOptions(encoding="KOI8-R"))
    assert cells(source) == [("Иван", "Москва")]
    assert "guessed" not in source.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-16"])
def test_a_byte_order_mark_is_never_part_of_the_first_heading(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "\ufeffName,City\nAnn,Oslo\n".encode(encoding))
    assert open_source(path, ReadOptions(encoding=encoding)).columns == ("Name", "City")


def test_wrong_encoding_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "Name,City\nAnn,Oslo\nZoë,Köln\n".encode("cp1252"))
    with pytest.raises(SourceError, match=r"not utf-8 throughout: .* line 3 .*--encoding"):
        open_source(path, ReadOptions(encoding="utf-8"))


@pytest.mark.parametrize("name", ["klingon", "base64", "", "utf-8\0"])
def test_unknown_encoding_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="There is no encoding"):
        open_source(written(tmp_path, "a,b\n1,2\n"), ReadOptions(encoding=name))


def test_nul_characters_are_left_out_and_mentioned(tmp_path: Path) -> None:
    rest = b"".join(b"Customer %d,Town\n" % i for i in range(100))
    source = open_source(written(tmp_path, b"Name,City\nA\0nn,Oslo\0\n" + rest))
    assert cells(source)[0] == ("Ann", "Oslo")
    assert any("NUL" in note for note in source.notes)


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds binary data"):
        open_source(written(tmp_path, b"\x00\x01\x02\x03\x7fELF" + bytes(range(256)) * 10))


def test_a_quote_that_is_never_closed_is_refused_and_its_row_named(tmp_path: Path) -> None:
    rows = "".join(f"Customer {i},Town\n" for i in range(500))
    with pytest.raises(SourceError, match="in row 3 a quotation mark is opened and never closed"):
        open_source(written(tmp_path, f'Name,City\nAnn,Oslo\nBob,"Rome\n{rows}'))


def test_a_stray_quote_that_the_next_one_closes_is_refused_and_swallows_nobody(tmp_path: Path) -> None:
    """Read leniently, Ann, Bo and Di were one customer, and nobody was told."""
    rows = '"Ann,a@x.com,1\nBo,b@x.com,2\n"Di",d@x.com,4\nEd,e@x.com,5\n'
    with pytest.raises(SourceError, match="in row 2 a quotation mark is opened and never closed"):
        open_source(written(tmp_path, f"Name,Email,Phone\n{rows}"))


def test_a_cell_of_several_lines_may_hold_quotation_marks(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, 'Name,Note\nAnn,"she said ""hi"",\nand left"\nBo,x\n'))
    assert cells(source) == [("Ann", 'she said "hi",\nand left'), ("Bo", "x")]


@pytest.mark.parametrize("tail", ["", "\n", "\r\n", "\n\n"])
def test_the_last_row_counts_with_or_without_a_line_end(tmp_path: Path, tail: str) -> None:
    source = open_source(written(tmp_path, 'Name,City\nAnn,"Oslo"' + tail))
    assert cells(source) == [("Ann", "Oslo")]


def test_a_cell_too_long_for_any_spreadsheet_is_refused(tmp_path: Path) -> None:
    for long in ("x" * (MAX_CELL + 1), '"' + "x\n" * MAX_CELL + '"'):
        with pytest.raises(SourceError, match=r"row 3 .* longer than 1,000,000"):
            open_source(written(tmp_path, f"Name,City\nAnn,Oslo\nBob,{long}\n"))


def test_a_line_too_long_to_be_a_row_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "Name,City\n" + "x," * 5_000_000 + "\n")
    with pytest.raises(SourceError, match="in row 2"):
        open_source(path)


def test_a_record_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    with path.open("wb") as file:
        file.write(b"Name,City\nAnn,Oslo\n")
        for _ in range(2_000):
            file.write(b'"\n",' * 10_000)  # each quoted cell goes on into the next line
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"row 3 .* longer than"):
            open_source(path)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_a_million_columns_are_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = written(tmp_path, (b"a," * 1_000_000 + b"\n") * 20)
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="20 rows of up to 1,000,000 columns, more than a spreadsheet"):
            open_source(path)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_a_cell_far_out_does_not_blow_up_every_row(tmp_path: Path) -> None:
    path = written(tmp_path, b"Name,City\n" + b"Ann,Oslo\n" * 10_000 + b"," * 16_000 + b"x\n")
    with pytest.raises(SourceError, match="10,002 rows of up to 16,001 columns"):
        open_source(path)
    assert len(open_source(written(tmp_path, b"Name,City\n" + b"," * 16_000 + b"x\n")).columns) == 16_001


def test_blank_columns_far_out_are_no_columns(tmp_path: Path) -> None:
    source = open_source(written(tmp_path, "Name,City\n" + f"Ann,Oslo{',' * 20_000}\n" * 20))
    assert source.columns == ("Name", "City")
    assert len(cells(source)) == 20


def test_a_line_of_200_mb_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    with path.open("wb") as file:
        file.write(b"Name,City\nAnn,")
        for _ in range(200):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"row 2 .* longer than"):
            open_source(path)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_changes_after_it_was_opened_is_not_read_on(tmp_path: Path) -> None:
    path = written(tmp_path, table([HEADINGS, *ROWS]))
    source = open_source(path)
    path.write_text(table([HEADINGS, ROWS[1], ROWS[0], ROWS[0]]))
    with pytest.raises(SourceError, match="was changed or removed"):
        next(source.rows())


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, table([HEADINGS, *ROWS * 1000]))
    rows = open_source(path).rows()
    next(rows)
    with path.open("a") as file:
        file.write("Cid,cid@example.com,Bern\n")
    with pytest.raises(SourceError, match="was changed or removed"):
        list(rows)


def test_a_file_that_changes_under_the_same_size_and_time_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, table([HEADINGS, *ROWS]))
    source = open_source(path)
    before = path.stat()
    path.write_bytes(table([HEADINGS, *reversed(ROWS)]).encode())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(SourceError, match="was changed or removed"):
        list(source.rows())


@pytest.mark.parametrize("step", ["find_encoding", "find_dialect", "read_headings"])
def test_a_file_that_turns_into_something_else_while_it_is_opened_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = written(tmp_path, table([HEADINGS, *ROWS]))
    done = getattr(text, step)

    def meddle(*arguments: object, **named: object) -> object:
        result = done(*arguments, **named)
        path.write_bytes(b"Name,City\nZo\xeb,Oslo\n")
        return result

    monkeypatch.setattr(text, step, meddle)
    with pytest.raises(SourceError, match="was changed or removed"):
        list(open_source(path).rows())


def test_a_file_that_vanishes_after_it_was_opened_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, table([HEADINGS, *ROWS]))
    source = open_source(path)
    path.unlink()
    with pytest.raises(SourceError, match="was changed or removed"):
        list(source.rows())


def test_text_has_no_sheets(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Leave --sheet out"):
        open_source(written(tmp_path, "a,b\n1,2\n"), ReadOptions(sheet="Customers"))


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.lists(ANY_TEXT, min_size=3, max_size=3), min_size=1, max_size=20),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_text_that_csv_writes_comes_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, end: str, encoding: str
) -> None:
    rows = [*rows, ["last", "row", "here"]]
    path = written(tmp_path, table([["First", "Second", "Third"], *rows], delimiter, end).encode(encoding))
    source = open_source(path, ReadOptions(delimiter=delimiter, encoding=encoding, header_row=1))
    seen = [(number, tuple(row)) for number, row in enumerate(rows, 2) if any(map(str.strip, row))]
    assert [(row.number, row.cells) for row in source.rows()] == seen


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    content=st.one_of(st.binary(max_size=400), ANY_TEXT.map(str.encode)),
    suffix=st.sampled_from([".csv", ".txt", ".tsv", ".xlsx", ".xls", ".ods", ".xlsb"]),
)
def test_any_bytes_are_read_or_refused_with_a_reason(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = written(tmp_path, content, f"customers{suffix}")
    try:
        source = open_source(path)
    except SourceError:
        return
    assert all(len(row.cells) == len(source.columns) for row in source.rows())


@pytest.mark.slow
def test_a_million_rows_take_no_more_memory_than_a_hundred_thousand(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("Name,Email,Phone,City\n")
            file.writelines(f"Customer {i},c{i}@example.com,65{i:08},Zoë {i}\n" for i in range(count))
        tracemalloc.start()
        try:
            assert sum(1 for _ in open_source(path).rows()) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(1_000_000) <= 1.2 * peak(100_000) < 30_000_000


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n")
    path.chmod(0)
    with pytest.raises(SourceError, match="may not be read by this user"):
        open_source(path)
