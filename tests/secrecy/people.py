"""Cells and secrets that are found nowhere else."""

from tests.support import PEOPLE

SECRETS = {
    "HITPAY_API_KEY": "hp/live+Kq7mWz0Xr2",
    "RAPYD_ACCESS_KEY": "rak/Ntv4+8Yb1LcQe",
    "RAPYD_SECRET_KEY": "rsk/Gd5+Ju9sPx3Wfa",
    "JUICYWAY_API_KEY": "jw/Ez6+Ro1kVh8Tib",
    "YATIVO_ACCOUNT_ID": "ya/Cl2+Mn7qUd4Zsg",
    "YATIVO_APP_SECRET": "ys/Bw9+Fy0xOj5Hpk",
    "KREZYPAY_PUBLIC_KEY": "kp/Sv3+Ga6cIt8Rne",
    "KREZYPAY_SECRET_KEY": "ks/Xq1+Lu4bWm7Jdo",
}
TOKENS = {"YATIVO_TOKEN": "yt/Pk5+Ch9zEr2Avt", "KREZYPAY_TOKEN": "kt/Dg8+Ns3fQo6Ywi"}
SPOKEN = ("Country", "Type", "Gender", "ID type")
"""Words of closed sets, which providers and mappings speak themselves."""


def person(provider: str, number: int) -> dict[str, str]:
    """A customer whose cells are found nowhere else."""
    own = "".join("ABCDEFGHIJ"[int(digit)] for digit in f"{number:02}").lower()
    cells = {
        "Name": f"Quillon{own} Vexbrook",
        "First name": f"Quillon{own}",
        "Last name": f"Vexbrook{own}",
        "Email": f"Q.Vex{number:02}d@Post-Kestrel.example",
        "Phone": f"+1 202 555 01{number:02}",
        "Country": "United States",
        "Type": "individual",
        "Street": f"{number:02}e Thornfield Gate",
        "City": f"Marrowby{own}",
        "State": "Oklahoma",
        "Zip": f"731{number:02}",
        "Gender": "female",
        "ID type": "passport",
        "ID number": f"ZX-{number:02}99417",
        "Face image": f"https://files.example.com/face-{number:02}g.jpg",
        "Front image": f"https://files.example.com/front-{number:02}h.jpg",
        "Back image": f"https://files.example.com/back-{number:02}i.jpg",
    }
    return {heading: cells[heading] for heading in PEOPLE[provider]} | {
        "Our notes": f"owes us a kestrel {number:02}j"
    }
