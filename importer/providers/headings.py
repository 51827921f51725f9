"""Headings and words that spreadsheets use for the commonest fields, in several languages.

English first, then German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Danish, Norwegian, Finnish,
Polish, Turkish, Russian, Chinese and Japanese, where they have a word of their own. Compared without case,
accents and punctuation. A word that means two of our fields, or something else in another language
(Italian "stato", Danish "by", French "département"), is left out: a question is better than a guess.
"""

FULL_NAME = (
    "name", "full name", "customer name", "customer", "client name", "client", "contact name",
    "account name", "display name", "kunde", "kundenname", "vollständiger name", "vor- und nachname",
    "vorname nachname", "nom complet", "nom et prénom", "nom prénom", "prénom nom", "nom du client",
    "nombre completo", "nombre y apellido", "nombre y apellidos", "nombre del cliente", "cliente",
    "nome completo", "nome e sobrenome", "nome e apelido", "nome do cliente", "nome e cognome",
    "cognome e nome", "nominativo", "nome cliente", "naam", "volledige naam", "klant", "klantnaam",
    "namn", "för- och efternamn", "kund", "kundnamn", "navn", "fulde navn", "fullt navn", "kundenavn",
    "nimi", "asiakas", "imię i nazwisko", "nazwisko i imię", "klient", "ad soyad", "adı soyadı",
    "isim soyisim", "müşteri", "müşteri adı", "фио", "клиент", "姓名", "客户", "客户姓名", "氏名", "お名前",
    "名前", "顧客名",
)  # fmt: skip
FIRST_NAME = (
    "first name", "firstname", "given name", "given names", "forename", "first", "christian name",
    "vorname", "vornamen", "rufname", "prénom", "prenom", "prénoms", "nombre", "nombres", "primer nombre",
    "nome", "primeiro nome", "nome próprio", "voornaam", "voornamen", "förnamn", "fornavn", "etunimi",
    "imię", "imiona", "ad", "adı", "isim", "имя", "名字", "名",
)  # fmt: skip
LAST_NAME = (
    "last name", "lastname", "surname", "family name", "last", "second name", "nachname", "familienname",
    "zuname", "nom", "nom de famille", "apellido", "apellidos", "primer apellido", "sobrenome", "apelido",
    "último nome", "cognome", "achternaam", "familienaam", "efternamn", "efternavn", "etternavn",
    "sukunimi", "nazwisko", "soyad", "soyadı", "soyisim", "фамилия", "姓", "姓氏",
)  # fmt: skip
EMAIL = (
    "email", "e-mail", "email address", "e-mail address", "mail", "mail address", "customer email",
    "contact email", "email id", "primary email", "e-mail-adresse", "mailadresse", "courriel",
    "adresse e-mail", "adresse email", "adresse mail", "adresse électronique", "mél", "correo",
    "correo electrónico", "correo-e", "dirección de correo", "dirección de correo electrónico",
    "endereço de e-mail", "endereço de email", "endereço eletrônico", "correio eletrônico",
    "correio eletrónico", "indirizzo email", "indirizzo e-mail", "indirizzo mail", "posta elettronica",
    "e-mailadres", "mailadres", "e-post", "e-postadress", "mejl", "mejladress", "mailadress",
    "e-postadresse", "sähköposti", "sähköpostiosoite", "adres e-mail", "adres email", "poczta",
    "poczta elektroniczna", "e-posta", "e-posta adresi", "почта", "электронная почта", "эл. почта",
    "邮箱", "电子邮件", "电子邮箱", "メール", "メールアドレス",
)  # fmt: skip
PHONE = (
    "phone", "phone number", "phone no", "telephone", "telephone number", "telephone no", "tel", "tel.",
    "tel no", "mobile", "mobile number", "mobile phone", "mobile phone number", "mobile no", "cell",
    "cell phone", "cell number", "cellphone", "contact number", "contact no", "contact phone",
    "customer phone", "primary phone", "msisdn", "gsm", "whatsapp", "whatsapp number", "telefon",
    "telefonnummer", "telefonnr", "tel.-nr.", "rufnummer", "handy", "handynummer", "handynr", "mobil",
    "mobilnummer", "mobilnr", "mobiltelefon", "téléphone", "tél", "téléphone portable",
    "téléphone mobile", "portable", "numéro de téléphone", "n° de téléphone", "n° téléphone", "teléfono",
    "móvil", "celular", "teléfono móvil", "teléfono celular", "número de teléfono", "número de celular",
    "telefone", "telemóvel", "telefone celular", "número de telefone", "telefono", "cellulare",
    "numero di telefono", "numero di cellulare", "recapito telefonico", "telefoon", "telefoonnummer",
    "mobiel", "mobiel nummer", "mobiele nummer", "mobiltelefonnummer", "tlf", "tlf nr", "telefon nr",
    "mobil nr", "puhelin", "puhelinnumero", "matkapuhelin", "nr telefonu", "numer telefonu",
    "telefon komórkowy", "komórka", "tel. kom.", "cep telefonu", "cep no", "telefon no",
    "telefon numarası", "gsm no", "телефон", "номер телефона", "мобильный", "мобильный телефон", "电话",
    "电话号码", "手机", "手机号", "手机号码", "联系电话", "電話", "電話番号", "携帯電話",
)  # fmt: skip
COUNTRY = (
    "country", "country code", "country name", "nation", "country of residence", "residence country",
    "customer country", "billing country", "iso country", "iso country code", "land", "ländercode",
    "länderkürzel", "landeskürzel", "wohnsitzland", "pays", "code pays", "pays de résidence", "país",
    "pais", "código de país", "país de residencia", "país de residência", "código do país", "paese",
    "nazione", "paese di residenza", "landcode", "landnaam", "woonland", "landkod", "landskod",
    "bosättningsland", "landekode", "landkode", "bopælsland", "bostedsland", "maa", "asuinmaa", "kraj",
    "państwo", "kod kraju", "kraj zamieszkania", "ülke", "ülke kodu", "страна", "国家", "国",
)  # fmt: skip
STREET = (
    "street", "address", "address 1", "address line 1", "address line", "street address", "street name",
    "line 1", "line1", "billing address", "billing street", "home address", "residential address",
    "adresse", "adresse 1", "adresszeile 1", "anschrift", "strasse", "straße", "str.",
    "straße und hausnummer", "straße hausnummer", "straße nr", "rue", "n° et rue", "adresse postale",
    "calle", "calle y número", "dirección", "direccion", "dirección 1", "domicilio", "rua", "endereço",
    "endereço 1", "morada", "logradouro", "indirizzo", "indirizzo 1", "indirizzo di residenza", "straat",
    "straatnaam", "straat en huisnummer", "adres", "adres 1", "adress", "adress 1", "gata", "gatuadress",
    "postadress", "vej", "gade", "gadenavn", "vejnavn", "gateadresse", "postadresse", "osoite",
    "katuosoite", "ulica", "ulica i numer", "adres zamieszkania", "sokak", "cadde", "açık adres",
    "адрес", "улица", "地址", "住所",
)  # fmt: skip
STREET_2 = (
    "address 2", "address line 2", "line 2", "line2", "street 2", "apartment", "apt", "suite", "unit",
    "flat", "adresszusatz", "adresszeile 2", "adresse 2", "complément d'adresse", "complément adresse",
    "dirección 2", "complemento", "endereço 2", "indirizzo 2", "adres 2", "toevoeging", "adress 2",
)  # fmt: skip
STREET_3 = ("address 3", "address line 3", "line 3", "line3", "adresse 3", "dirección 3", "adres 3")
CITY = (
    "city", "town", "city/town", "town/city", "billing city", "city name", "locality", "stadt", "ort",
    "wohnort", "ville", "localité", "ciudad", "localidad", "población", "municipio", "cidade",
    "localidade", "município", "città", "citta", "comune", "località", "plaats", "woonplaats", "stad",
    "postort", "bynavn", "poststed", "kaupunki", "postitoimipaikka", "miasto", "miejscowość", "şehir",
    "город", "城市",
)  # fmt: skip
STATE = (
    "state", "province", "region", "state/province", "state / region", "county", "billing state",
    "bundesland", "kanton", "région", "provincia", "estado", "comunidad autónoma",
    "estado/provincia", "uf", "regione", "provincie", "län", "fylke", "maakunta", "województwo", "eyalet",
    "регион", "область", "省", "省份", "州", "都道府県",
)  # fmt: skip
POSTAL_CODE = (
    "postal code", "postcode", "post code", "zip", "zip code", "zipcode", "zip/postal code", "pin code",
    "pincode", "billing zip", "billing postal code", "plz", "postleitzahl", "code postal", "cp",
    "código postal", "codigo postal", "cep", "cap", "codice postale", "postnummer", "postnr",
    "postinumero", "kod pocztowy", "posta kodu", "индекс", "почтовый индекс", "邮编", "邮政编码",
    "郵便番号",
)  # fmt: skip
BIRTH_DATE = (
    "birth date", "date of birth", "dob", "birthday", "birthdate", "born", "born on", "geburtsdatum",
    "geburtstag", "geb", "geb. datum", "gebdatum", "geboren", "geboren am", "date de naissance",
    "date naissance", "né le", "née le", "né(e) le", "fecha de nacimiento", "fecha nacimiento",
    "nacimiento", "data de nascimento", "data nascimento", "nascimento", "data di nascita",
    "data nascita", "nato il", "nata il", "geboortedatum", "födelsedatum", "födelsedag", "född",
    "fødselsdato", "fødselsdag", "født", "syntymäaika", "data urodzenia", "doğum tarihi", "doğum günü",
    "дата рождения", "出生日期", "生日", "生年月日",
)  # fmt: skip
GENDER = (
    "gender", "sex", "m/f", "f/m", "geschlecht", "m/w", "m/w/d", "genre", "sexe", "h/f", "sexo", "género",
    "gênero", "sesso", "genere", "geslacht", "m/v", "kön", "køn", "kjønn", "sukupuoli", "płeć",
    "cinsiyet", "пол", "性别", "性別",
)  # fmt: skip
REMARK = (
    "remark", "remarks", "note", "notes", "comment", "comments", "memo", "bemerkung", "bemerkungen",
    "anmerkung", "anmerkungen", "notiz", "notizen", "kommentar", "kommentare", "remarque", "remarques",
    "commentaire", "commentaires", "observación", "observaciones", "comentario", "comentarios", "nota",
    "notas", "observação", "observações", "comentário", "comentários", "osservazioni", "commenti",
    "opmerking", "opmerkingen", "notitie", "notities", "anteckning", "anteckningar", "kommentarer",
    "bemærkning", "bemærkninger", "notat", "merknad", "merknader", "huomautus", "uwagi", "notatka",
    "komentarz", "notlar", "açıklama", "примечание", "комментарий", "备注", "備考",
)  # fmt: skip
CUSTOMER_TYPE = (
    "type", "customer type", "account type", "client type", "entity type", "individual or business",
    "person or company", "typ", "kundentyp", "kundenart", "privat/firma", "privat oder firma",
    "type client", "type de client", "type de compte", "tipo", "tipo de cliente", "tipo de cuenta",
    "tipo cliente", "tipo de conta", "tipo di cliente", "tipo di conto", "klanttype", "type klant",
    "soort klant", "kundtyp", "kundetype", "asiakastyyppi", "typ klienta", "rodzaj klienta", "tür",
    "müşteri tipi", "müşteri türü", "тип", "тип клиента", "类型", "客户类型",
)  # fmt: skip

MALE_WORDS = (
    "male", "m", "man", "boy", "masculine", "mr", "männlich", "mann", "herr", "homme", "masculin",
    "hombre", "masculino", "varón", "homem", "maschio", "uomo", "mannelijk", "mand", "mies", "mężczyzna",
    "erkek", "мужской", "мужчина", "муж", "男", "男性", "man.",
)  # fmt: skip
FEMALE_WORDS = (
    "female", "f", "woman", "girl", "feminine", "mrs", "ms", "miss", "weiblich", "w", "frau", "femme",
    "féminin", "mujer", "femenino", "mulher", "feminino", "femmina", "donna", "vrouw", "vrouwelijk",
    "k", "kvinna", "kvinde", "kvinne", "nainen", "kobieta", "kadın", "женский", "женщина", "жен", "女",
    "女性",
)  # fmt: skip
INDIVIDUAL_WORDS = (
    "individual", "person", "personal", "private", "private person", "private individual",
    "natural person", "consumer", "retail", "ind", "b2c", "privat", "privatperson", "privatkunde",
    "natürliche person", "particulier", "personne physique", "particular", "persona", "persona física",
    "persona natural", "pessoa física", "pessoa singular", "pf", "privato", "persona fisica", "persoon",
    "privatkund", "yksityinen", "henkilö", "osoba fizyczna", "osoba prywatna", "prywatny", "bireysel",
    "gerçek kişi", "şahıs", "физическое лицо", "физлицо", "个人", "個人",
)  # fmt: skip
BUSINESS_WORDS = (
    "business", "company", "corporate", "corporation", "organisation", "organization", "legal entity",
    "firm", "merchant", "biz", "b2b", "firma", "unternehmen", "geschäftlich", "gewerblich", "firmenkunde",
    "geschäftskunde", "juristische person", "entreprise", "société", "personne morale", "professionnel",
    "empresa", "persona jurídica", "sociedad", "pessoa jurídica", "pj", "azienda", "società",
    "persona giuridica", "bedrijf", "zakelijk", "företag", "bolag", "virksomhed", "erhverv", "bedrift",
    "selskap", "yritys", "przedsiębiorstwo", "spółka", "kurumsal", "şirket", "tüzel kişi",
    "юридическое лицо", "юрлицо", "公司", "企业", "法人",
)  # fmt: skip

NOT_THE_CUSTOMERS = frozenset({
    "fax", "telefax", "emergency", "kin", "spouse", "partner", "parent", "guardian", "mother", "father",
    "employer", "referrer", "referral", "referred", "reference", "rep", "agent", "manager", "owner",
    "advisor", "adviser", "broker", "sales", "support", "staff", "assistant", "secondary", "alternative",
    "backup", "other", "old", "former", "previous", "notfall", "notfallkontakt", "vertreter", "berater",
    "ansprechpartner", "betreuer", "urgence", "conjoint", "urgencia", "emergencia",
})  # fmt: skip
"""Words in a heading which say that it is about somebody else, or of another kind than the usual one."""
