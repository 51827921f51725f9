"""Headings and words that spreadsheets use for the commonest fields, in several languages."""

FULL_NAME = (
    "name", "full name", "customer name", "customer", "client name", "client", "contact name",
    "account name", "display name", "nom complet", "nombre completo", "nome completo",
    "vollständiger name", "kunde",
)  # fmt: skip
FIRST_NAME = (
    "first name", "firstname", "given name", "given names", "forename", "first", "prénom", "prenom",
    "vorname", "nombre", "primer nombre", "nome", "voornaam",
)  # fmt: skip
LAST_NAME = (
    "last name", "lastname", "surname", "family name", "last", "nom", "nom de famille", "nachname",
    "familienname", "apellido", "apellidos", "sobrenome", "cognome", "achternaam",
)  # fmt: skip
EMAIL = (
    "email", "e-mail", "email address", "e-mail address", "mail", "customer email", "contact email",
    "email id", "courriel", "adresse e-mail", "e-mail-adresse", "correo", "correo electrónico",
    "indirizzo email",
)  # fmt: skip
PHONE = (
    "phone", "phone number", "telephone", "telephone number", "tel", "tel.", "tel no", "phone no",
    "mobile", "mobile number", "mobile phone", "mobile no", "cell", "cell phone", "cellphone",
    "contact number", "customer phone", "msisdn", "whatsapp", "téléphone", "portable", "telefon",
    "telefonnummer", "handy", "handynummer", "teléfono", "móvil", "celular", "telefone", "telefono",
    "cellulare", "telefoon",
)  # fmt: skip
COUNTRY = (
    "country", "country code", "country name", "nation", "country of residence",
    "residence country", "customer country", "billing country", "iso country", "pays", "land",
    "país", "pais", "paese",
)  # fmt: skip
STREET = (
    "street", "address", "address 1", "address line 1", "address line", "street address", "line 1",
    "line1", "billing address", "billing street", "adresse", "strasse", "straße", "rue", "calle",
    "dirección", "direccion", "indirizzo", "rua", "endereço", "straat",
)  # fmt: skip
STREET_2 = (
    "address 2", "address line 2", "line 2", "line2", "street 2", "apartment", "apt", "suite",
    "unit", "adresszusatz", "complément d'adresse",
)  # fmt: skip
STREET_3 = ("address 3", "address line 3", "line 3", "line3")
CITY = (
    "city", "town", "city/town", "town/city", "billing city", "locality", "ville", "stadt", "ort",
    "ciudad", "cidade", "città", "citta", "plaats",
)  # fmt: skip
STATE = (
    "state", "province", "region", "state/province", "state / region", "county", "billing state",
    "bundesland", "provincia", "estado", "département", "provincie",
)  # fmt: skip
POSTAL_CODE = (
    "postal code", "postcode", "post code", "zip", "zip code", "zipcode", "zip/postal code",
    "pin code", "pincode", "billing zip", "code postal", "plz", "postleitzahl", "código postal",
    "codigo postal", "cep", "cap",
)  # fmt: skip
BIRTH_DATE = (
    "birth date", "date of birth", "dob", "birthday", "birthdate", "born", "date de naissance",
    "geburtsdatum", "fecha de nacimiento", "data di nascita", "data de nascimento", "geboortedatum",
)  # fmt: skip
GENDER = ("gender", "sex", "genre", "sexe", "geschlecht", "sexo", "género", "sesso", "geslacht")
REMARK = ("remark", "remarks", "note", "notes", "comment", "comments", "memo", "bemerkung", "observaciones")
CUSTOMER_TYPE = (
    "type", "customer type", "account type", "client type", "entity type", "individual or business",
    "kundentyp", "tipo de cliente",
)  # fmt: skip

MALE_WORDS = (
    "male", "m", "man", "boy", "masculine", "homme", "masculin", "männlich", "mann", "hombre",
    "masculino", "varón", "maschio", "uomo", "homem", "man.", "mannelijk",
)  # fmt: skip
FEMALE_WORDS = (
    "female", "f", "woman", "girl", "feminine", "femme", "féminin", "weiblich", "w", "frau",
    "mujer", "femenino", "femmina", "donna", "mulher", "feminino", "vrouw", "vrouwelijk",
)  # fmt: skip
INDIVIDUAL_WORDS = (
    "individual", "person", "personal", "private", "private person", "natural person", "consumer",
    "retail", "ind", "privat", "privatperson", "particulier", "particular", "persona física",
)  # fmt: skip
BUSINESS_WORDS = (
    "business", "company", "corporate", "corporation", "organisation", "organization",
    "legal entity", "firm", "merchant", "biz", "firma", "unternehmen", "geschäftlich", "entreprise",
    "société", "empresa", "azienda",
)  # fmt: skip
