"""Names that the words around them make certain, whatever a model says: "Dear", "my name is", "Apt. 4,", "GmbH".

The types are those of detector.py. A pattern looks back over lines, but never ahead over one, so that the piece of a
stream that ends with a line is judged as the whole would be. Countries are a closed list.
"""

import re
from collections.abc import Iterator

BEFORE, LINES = 400, 4
"""How far a pattern may look back from a name: to a line's beginning, but no further than so many characters."""
_COUNTRIES = """
Afghanistan|Albania|Algeria|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bahamas|Bahrain|Bangladesh|
Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|Bosnia and Herzegovina|Botswana|Brazil|Brunei|Bulgaria|
Burkina Faso|Burundi|Cambodia|Cameroon|Canada|Cape Verde|Chile|China|Colombia|Comoros|Costa Rica|Croatia|Cuba|Cyprus|
Czech Republic|Czechia|Denmark|Djibouti|Dominica|Dominican Republic|Ecuador|Egypt|El Salvador|Eritrea|Estonia|Eswatini|
Ethiopia|Fiji|Finland|France|Gabon|Gambia|Germany|Ghana|Greece|Greenland|Grenada|Guatemala|Guinea|Guyana|Haiti|
Honduras|Hong Kong|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Ivory Coast|Jamaica|Japan|Kazakhstan|
Kenya|Kiribati|Kosovo|Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|Luxembourg|
Madagascar|Malawi|Malaysia|Maldives|Malta|Marshall Islands|Mauritania|Mauritius|Mexico|Micronesia|Moldova|Monaco|
Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nauru|Nepal|Netherlands|New Zealand|Nicaragua|Nigeria|
North Korea|North Macedonia|Norway|Oman|Pakistan|Palau|Panama|Papua New Guinea|Paraguay|Peru|Philippines|Poland|
Portugal|Puerto Rico|Qatar|Romania|Russia|Rwanda|Saint Kitts and Nevis|Saint Lucia|Samoa|San Marino|Saudi Arabia|
Senegal|Serbia|Seychelles|Sierra Leone|Singapore|Slovakia|Slovenia|Solomon Islands|Somalia|South Africa|South Korea|
South Sudan|Spain|Sri Lanka|Sudan|Suriname|Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|Togo|Tonga|
Trinidad and Tobago|Tunisia|Turkmenistan|Tuvalu|Uganda|Ukraine|United Arab Emirates|United Kingdom|United States|
Uruguay|Uzbekistan|Vanuatu|Venezuela|Vietnam|Yemen|Zambia|Zimbabwe
"""
"""Without those that are words or first names too (Chad, Georgia, Jordan, Mali, Niger, Turkey)."""
COUNTRY = re.compile(rf"\b(?:{_COUNTRIES.strip().replace(chr(10), '')})\b", re.IGNORECASE)

_UP = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽȘȚΆΈ-ΏΑ-ΫЀ-Я"
_WORD = rf"[{_UP}][\w'’-]{{0,30}}\w"
_LINK = "(?:van|von|de|del|della|di|da|do|dos|den|der|la|le|el|al|bin|ibn|ten|y|sur|am|im|upon)"
_PHRASE = rf"{_WORD}(?:[ ](?:{_LINK}[ ]){{0,2}}(?:{_WORD}|[{_UP}]\b\.?)){{0,3}}"
"""One to four words with capitals."""
_FULL = rf"{_WORD}(?:[ ](?:{_LINK}[ ]){{0,2}}(?:{_WORD}|[{_UP}]\b\.?)){{1,3}}"
"""Two to four."""
_PLACE = rf"{_PHRASE}(?:[ ]\d{{1,2}}\b)?"
_DONE = r"(?=[ ]*(?:[,.!?;:\n]|$))"
_LINE = r"(?:^|(?<=\n))[ \t>*?|-]{0,8}"
"""The beginning of a line, behind marks of quotation."""
_ITEM = r"(?:^|(?<=[\n,;|(]))[ \t>*?|-]{0,8}"
"""That, or of an item of a list on one line."""
_LAST = r"(?=[ ]?[.,!]?[ ]*(?:\n|$))"
_IS = r"[ ]{0,8}[:=][ \t]{0,8}"
_STOP = r"(?=[ ]*(?:[,;|\n]|$))"
_NEXT = r"(?!(?:The|An?|He|She|It|They|We|You|This|That|In|On|At|And|But|When|What|How)\b)"
_OTHERS = (
    "all|any|anyone|team|there|here|sirs?|madam|ma|folks|guys|world|again|both|support|customers?|colleagues?|friends?"
    "|every(?:one|body)|doctor|hiring|mom|mum|dad|god|lord|man|dude|bro|babe|honey|google|alexa|siri|chat|gpt|claude"
    "|assistant|bot|ai|i|it|we|you|my|our|your|the|this|that|what|how|who|why|where|when|is|are|can|could|would|will"
    "|please|in|for|to|and|so|but|not|just|from|regards|best|kind|warm|yours|santa|diary|valued|members?|users?|sales"
    "|admin|recruiters?|manager|professor|editor|committee|readers?|kids|ladies|gentlemen|students?|parents?|thanks"
    "|thank|love|cheers|sincerely|if|no|yes|okay|ok|do|did|does|have|has|let|on|at|as|an?|or|of|with|about|mr|mrs|ms|dr"
)
_WHO = rf"(?!(?i:{_OTHERS})\b)"
"""Not a word that stands where a name might, for whoever reads."""
_FIELD = (
    r"(?:(?:full|first|last|middle|maiden|legal|given|family|customer|client|patient|employee|contact|applicant|guest"
    r"|tenant|student|passenger|account ?holder|card ?holder|beneficiary|sender|recipient)(?:'s)? name|name|surname"
    r"|patient|employee|applicant|contact(?: person)?|attn|signed(?: by)?|card ?holder|account ?holder|beneficiary"
    r"|recipient|sender|tenant|passenger|directed by|written by)"
)
_PLACE_FIELD = "(?:(?:home|birth)?town|city|country|state|county|province|location|place of birth|birthplace)"
_FIRM_FIELD = "(?:company|employer|organi[sz]ation|firm|bank|vendor|supplier)(?: name)?"
_PERSON_KEY = "(?:(?:first|last|middle|full|given|family|sur|customer|client|patient|employee|contact)[ _-]?names?)"
_VALUE = r"[\"']\s?:\s?[\"']([^\W\d_][\w.,&'’ -]{0,60})[\"']"
"""Of a key in JSON, from its closing quotation mark."""
_WHEN = (
    "(?!(?i:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn"
    "|fall|winter|(?:mon|tues|wednes|thurs|fri|satur|sun)day|home|the|this|that|english|french|german|spanish|chinese"
    r"|it|hr|person|general|particular|order|case|fact|charge|touch|dr|mr|mrs|ms|prof)\b)"
)
"""Not a word that may follow "in" or "from" with a capital and is no place."""
_STREET = (
    r"(?:street|str|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|square|terrace|close"
    r"|crescent|parkway|highway|circle|trail)"
)
_UNIT = r"(?:suite|ste|apt|apartment|unit|flat|floor|room|box)"
_TOWN = rf"[ ]?(?:,[ ]?\n?|\n)[ \t>*?|]{{0,8}}({_PLACE})(?=[ ]*(?:[,.\n]|$|[A-Z]{{2}}\b|\d))"
"""What follows a street, on its line or the next."""
_CLASS = (
    "Vitamin|Hepatitis|Type|Class|Plan|Section|Part|Appendix|Group|Grade|Level|Option|Series|Schedule|Step|Unit|Block"
    "|Building|Room|Terminal|Gate|Category|Exhibit|Influenza|Model|Team|Phase|Form|Tier|Version|Annex|Table|Figure"
    "|Line|Route|Bus|Zone|Hall|Wing|Dear|Hi|Hello|And|But|When|While|If|Then|Because|Am|Was|Did|Do|Should|Must|Can|May"
)
"""Words behind which a single capital is no initial."""
_FORM = r"(?:Inc|Ltd|LLC|LLP|PLC|GmbH|Corp|Corporation|Limited|Incorporated|Holdings|Pty|and Sons|& Sons|& Co)"
_HOUSE = rf"{_WORD}, {_WORD} and {_WORD}"
"""Partners, as law firms are called."""
_KIN = (
    "(?:wife|husband|spouse|partner|son|daughter|brother|sister|mother|father|uncle|aunt|cousin|friend|boss|manager"
    "|colleague|coworker|neighbou?r|girlfriend|boyfriend|roommate|landlord|assistant)"
)
_PEOPLE = (
    # A form of address and the name behind it.
    rf"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|Herr|Frau|Sr|Sra|Mme|Madame|Monsieur)\b\.?[ ]"
    rf"([^\W\d_][\w'’-]{{1,30}}(?:[ ](?:{_LINK}[ ]){{0,2}}{_WORD}){{0,3}})",
    # Greetings and closings.
    rf"\b(?i:hi|hello|hey|dear|hiya|good (?:morning|afternoon|evening|day)),?[ ]{_WHO}({_PHRASE}){_DONE}",
    rf"\b(?:hi|hello|hey|dear)[ ]{_WHO}([^\W\d_]{{3,}})(?=,[ \n])",
    rf"\b(?i:sincerely|regards|best wishes|best|cheers|thanks|thank you|love|yours|truly|faithfully)"
    rf"(?:,[ ]?|,?[ ]?\n{{1,3}}[ \t>*?|]{{0,8}}){_WHO}({_PHRASE}){_LAST}",
    # Who says a name, or is asked for it.
    r"\b(?i:(?:my|his|her|their|your)[ ](?:\w+[ ]){0,2}(?:sur)?name(?:'s|[ ]is|[ ]was)|calls?[ ](?:me|him|her))"
    rf"[ ]{_WHO}({_PHRASE})",
    rf"\b(?i:(?:my|his|her)[ ](?:\w+[ ])?name(?:'s|[ ]is))[ ]{_WHO}([^\W\d_]{{3,}}){_DONE}",
    rf"\bname\b[^?\n]{{0,40}}\?\s{{1,3}}(?:\w+:[ ])?{_WHO}({_PHRASE}){_LAST}",
    # Fields of forms, keys of JSON, heads of mails.
    rf"{_ITEM}(?=[{_UP}])(?i:{_FIELD}){_IS}{_WHO}({_PHRASE}){_STOP}",
    rf"{_ITEM}(?i:{_FIELD}){_IS}({_FULL}){_STOP}",
    rf"[\"'](?i:{_PERSON_KEY}){_VALUE}",
    rf"{_LINE}(?:From|To|Cc|Bcc):[ ]\"?({_FULL})\"?[ ]<",
    # "My sister Anna".
    rf"\b(?i:my[ ](?:ex-?)?{_KIN}),?[ ]{_WHO}({_PHRASE})",
    # A middle initial.
    rf"\b(?!(?:{_CLASS})\b)({_WORD}[ ][{_UP}]\.?[ ]{_NEXT}{_WORD})\b"
    rf"(?![ ](?i:{_STREET}|airport|library|center|centre|school|\d))",
)
_PLACES = (
    # The town behind a unit or a street, or before a postal code.
    rf"\b(?i:{_UNIT})\.?[ ]\d+[a-zA-Z]?{_TOWN}",
    rf"\b(?!\d+[ ](?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
    rf"\d{{1,6}}\w?[ ](?:[^\W\d_][\w.'’-]{{0,30}}[ ]){{1,6}}\d{{1,5}}[a-z]?\.?{_TOWN}",
    rf"\b\d{{1,6}}[ ](?:{_WORD}\.?[ ]){{1,4}}(?i:{_STREET})\b\.?{_TOWN}",
    rf"\b({_PHRASE}),?[ ][A-Z]{{2}}[ ]\d{{5}}\b",
    # Where somebody lives, comes from or goes.
    r"\b(?i:grew[ ]up[ ]in|(?:live[sd]?|living|residing|reside[sd]?|born|based|located|situated)[ ]in"
    r"|originally[ ]from|mov(?:e|ed|ing)[ ](?:(?:here|there|back)[ ])?(?:to|from)"
    r"|(?:(?:i|we)[ ]am|i'm|we're|we[ ]are)[ ](?:currently[ ])?(?:in|from)|trip[ ]to|travel(?:l?ing|l?ed)?[ ]to"
    rf"|fl(?:y|ew|ying|ights?)[ ](?:to|from)|(?:city|town|village)[ ]of)[ ]{_WHEN}({_PLACE})",
    rf"{_ITEM}(?=[{_UP}])(?i:{_PLACE_FIELD}){_IS}({_PLACE}){_STOP}",
    rf"[\"'](?i:city|town|country|county|province|birth_?place){_VALUE}",
)
_FIRMS = (
    rf"{_ITEM}(?=[{_UP}])(?i:{_FIRM_FIELD}){_IS}({_PHRASE}){_STOP}",
    rf"[\"'](?i:company|employer|organi[sz]ation)(?i:[ _-]?name)?{_VALUE}",
    r"\b(?i:work(?:s|ed|ing)?[ ]at|employed[ ](?:by|at)|(?:job|internship|intern)[ ]at"
    rf"|(?:ceo|cto|cfo|founder|employees?)[ ]of)[ ]{_WHEN}{_WHO}({_PHRASE})",
    # By their form.
    rf"\b((?:{_HOUSE}|{_PHRASE}),?[ ]{_FORM})\b",
    rf"{_LINE}({_HOUSE})(?=[ ]*(?:\n|$))",
)
_PATTERNS = [
    (kind, re.compile(pattern))
    for kind, patterns in (("PERSON", _PEOPLE), ("LOCATION", _PLACES), ("ORGANIZATION", _FIRMS))
    for pattern in patterns
]


def certain(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Names between `start` and `end`, by the patterns in order: an earlier one is surer."""
    look = start
    for _ in range(LINES):
        look = text.rfind("\n", 0, max(look - 1, 0)) + 1
    look = max(look, start - BEFORE)
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(text, look, end):
            if found.start(1) >= start:
                yield (*found.span(1), kind)
    for found in COUNTRY.finditer(text, start, end):
        yield (*found.span(), "LOCATION")
