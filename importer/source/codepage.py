"""Which code page bytes are in, by the letters that languages use (pure, and a guess).

charset-normalizer is right about scripts of their own, and often wrong between Western and Central
European: a list of names has too little language in it. There, alphabets decide: the page under
which all accented letters belong to one language wins, and Windows-1252 where that leaves a choice.
"""

# ruff: noqa: RUF001  letters and punctuation of many languages are the subject

import re

LABELS = {
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "iso8859_2": "ISO 8859-2 (Central European)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850 (Western European)",
    "cp1258": "Windows-1258 (Vietnamese)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp874": "Windows-874 (Thai)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp932": "Windows-932 (Japanese)",
    "cp949": "Windows-949 (Korean)",
    "euc_jp": "EUC-JP (Japanese)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp866": "DOS 866 (Cyrillic)",
}
"""What people call the code pages that are tried."""

_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "iso8859_2", "mac_roman", "cp850", "cp1258")
_OTHER = tuple(name for name in LABELS if name not in _LATIN)
_CASED = ("cp1251", "cp1253")
_ONE_BYTE = frozenset(("cp1251", "cp1253", "cp1255", "cp1256", "cp874", "koi8_r", "cp866"))
"""Pages of a letter in each byte beyond ASCII, none of which stands within a word of Latin letters."""

_ALPHABETS = {
    "French": "éèêëàâçîïôùûüœæÿ", "German": "äöüß", "Spanish": "áéíñóúüçªº", "Portuguese": "áâãàçéêíóôõúüªº",
    "Italian": "àèéìíîòóù", "Swedish": "åäöé", "Danish": "æøåé", "Dutch": "ëïéèöü", "Catalan": "àçèéíïòóúü",
    "Czech": "áčďéěíňóřšťúůýž", "Slovak": "áäčďéíĺľňóôŕšťúýž", "Polish": "ąćęłńóśźż",
    "Hungarian": "áéíóöőúüű", "Croatian": "čćđšž", "Romanian": "ăâîșşțţ", "Albanian": "çë",
    "Turkish": "çğıİöşüâîû", "Latvian": "āčēģīķļņšūž", "Lithuanian": "ąčęėįšųūž", "Estonian": "äöõüšž",
}  # fmt: skip
_RARE = {"Icelandic": "áðéíóúýþæö", "Vietnamese": "áàâãèéêìíòóôõùúýăđơư\u0300\u0301\u0303\u0309\u0323"}
_WEST = "".join(_ALPHABETS[name] for name in list(_ALPHABETS)[:9])
_CENTRE = "".join(_ALPHABETS[name] for name in list(_ALPHABETS)[9:16])
_BELIEF = (
    [(1.0, frozenset(letters)) for letters in _ALPHABETS.values()]
    + [(0.95, frozenset(letters)) for letters in _RARE.values()]
    + [(0.9, frozenset(letters)) for letters in (_WEST, _CENTRE)]
)
_PUNCTUATION = frozenset("€‚„…†‡‰‹‘’“”•–—™›\u00a0¡§©«®°±²³´µ¶·»¿£$¥¢¼½¾×")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")


def likely_code_pages(evidence: bytes) -> list[str]:
    """Code pages in which `evidence`, lines with other than ASCII, makes sense; the likeliest first."""
    words = [word for word in _WORD.findall(evidence) if not word.isascii()]
    beyond = sum(byte > 0x7F for word in words for byte in word)
    latin = sorted(_LATIN, key=lambda name: -_belief(evidence, name))
    if beyond * 2 < sum(map(len, words)):
        return latin
    mixed = sum(1 for word in words if min(word) < 0x80)
    pure = sum(1 for word in words if min(word) >= 0x80 and len(word) > 1)
    others = [name for name in _scripts(evidence) if pure > mixed or name not in _ONE_BYTE]
    return [*others, *latin]


def _scripts(evidence: bytes) -> list[str]:
    """Code pages of other scripts than Latin; names all in small letters speak against one with capitals."""
    from charset_normalizer import from_bytes

    found: list[str] = []
    for match in from_bytes(evidence, cp_isolation=list(_OTHER)):
        found += [name for name in (match.encoding, *match.could_be_from_charset) if name in _OTHER]
    return sorted(
        dict.fromkeys(found),
        key=lambda name: name in _CASED and not any(map(str.isupper, evidence.decode(name, "ignore"))),
    )


def _belief(evidence: bytes, name: str) -> float:
    """From 0 to 1: how well the characters beyond ASCII go with one language under this code page."""
    text = " " + evidence.decode(name, "replace") + " "
    letters: list[str] = []
    good = bad = 0
    for before, character, after in zip(text, text[1:], text[2:], strict=False):
        if character <= "\x7f":
            continue
        inside = before.isalpha() and after.isalpha()
        if character in _PUNCTUATION and (character == "’" or not inside):
            good += 1
        elif (character.isalpha() or character in "ªº\u0300\u0301\u0303\u0309\u0323") and not (
            before.islower() and character.isupper()
        ):
            letters.append(character)
        else:
            bad += 1
    spoken = max(
        belief * sum(letter in known or letter.lower() in known for letter in letters)
        for belief, known in _BELIEF
    )
    return (good + spoken) / (good + bad + len(letters))
