"""Words before the number of a case, claim, complaint or application, in some fifty languages; for other.py.

Each may stand before a telephone number too (`the claim: 020 7946 0018`): what they say counts where the number has
the form that offices give theirs, of a year and a count, or of digits in one piece that begin no telephone number.
"""

import re

_END = r"[^\s\d.,:#]"
"""A letter, for RE2 as well, whose own are those of ASCII."""
_ENGLISH = (
    r"claims?|complaints?|grievances?|applications?|petitions?|dockets?|files?|matters?|permits?|incidents?|requests?"
    r"|[ei]nquir(?:y|ies)|polic(?:y|ies)|crime|warrants?|appeals?|(?:police |incident )?reports?|disputes?|suits?"
    r"|filings?|summons|charges?|submission|referral|escalation|issue|query|loss|accident"
)
_BENT = (
    # Germanic, with what is written as one with them: Schadensfall, ärendet, skadenummer
    rf"{_END}{{0,14}}(?:antrag|schaden|fall|fälle|meldung|anfrage|beschwerde|anzeige|ärende|ansök|skada|skade|anmäl"
    r"|anmeldelse|klagomål|søknad|ansøgning|klage|aanvraag|klacht|schade|verzoek|hakemu|vahin[kg]o|tapau|valitu|ilmoitu"
    r"|kantelu)"
    r"|(?:akten|geschäfts|vorgangs)(?:zeichen|nummer)|az|gz|dnr|diarie|journal|j\. ?nr|sak|sag|zaak|kenmerk|melding"
    r"|geding|asia|diaari|umsókn|mál|kvörtun|saak|eis|klagte"
    # Romance
    r"|sinist(?:re|ro)|r[ée]clamation|demande|affaire|plainte|requête|procédure|litige|dépôt|dossier|signalement"
    r"|incident"
    r"|siniestro|reclam|solicitud|trámite|causa|denuncia|denúncia|queja|radicad|incidencia|caso|sol·licitud|queixa"
    r"|processo|solicitaç|requerimento|ocorrência|pratica|domanda|richiesta|segnalazione|procedimento|istanza|ricorso"
    r"|recurso|parte|atestado|cerere|dosar|daun|plânger|sesizar|petiți|litigi"
    # Slavic and Baltic
    r"|wnios|spraw|szkod|reklamac|skarg|zgłoszeni|sygnatur|akt|podani|žádost|případ|škod|událost|stížnost|spis"
    r"|podnět|žiados|prípad|poistn|udalos|sťažnos|podnet|podanie|zaht(?:je|e)v|predmet|šteta|štet|žalb|vlog|zadev"
    r"|pritužb|prijav"
    r"|заявлени|дел[оуа]|жало?б|убыт[ок]|претензи|иск|справ|заяв|скарг|звернен|молб|щет|захтев|предмет|штет|преписк"
    r"|рекламац|өтініш|іс|ariza|müraciət|paraišk|byl|skund|žal|iesniegum|liet|sūdzīb|atlīdzīb|taotlu|juhtum|kaebu|kahju"
    # Hungarian, Greek, Turkish, Albanian
    r"|kérelem|kérelm|ügy|panasz|kár|iktató|bejelentés|αίτησ|αιτήσε|υπόθεσ|καταγγελί|ζημι|πρωτόκολλ|παράπον|προσφυγ"
    r"|başvuru|dosya|dava|esas|karar|şik[aâ]yet|talep|talebi|hasar|itiraz|ihbar|kërkes|ankes|dëm"
    # South and East of Asia, where words do not bend
    r"|hồ sơ|đơn|vụ(?: án)?|khiếu nại|yêu cầu|bồi thường|permohonan|klaim|tuntutan|pengaduan|aduan|kasus|perkara"
    r"|laporan|kes|dai|maombi|reklamo|kaso|aplikasyon"
)
_ENDED = (
    r"कंप्लेंट|आवेदन|दावा|दावे|केस|अर्ज़ी|तक्रार|অভিযোগ|আবেদন|দাবি|মামলা|புகார்|விண்ணப்ப|คำร้อง|คำขอ|เคลม|คดี"
    r"|ร้องเรียน|案件|理赔|理賠|投诉|投訴|申请|申請|案号|案號|工单|受付|請求|申込|事件|事故|苦情|신청|청구|민원|사건|사고|접수"
    r"|(?:ال)?(?:طلب|شكوى|مطالبة|دعوى|بلاغ|ملف|معاملة|قضية|حادث|تظلم)|پرونده|درخواست|شکایت|خسارت|مقدمہ"
    r"|[הלבשומ]{0,2}(?:בקשה|בקשת|תביעה|תביעת|תלונה|תלונת|תיק|פנייה|פניית|ערר)(?:ך|תך|תי)?"
)
"""In scripts with no borders, or with articles and particles that touch."""
FILED = rf"(?:\b(?:{_ENGLISH}|(?:{_BENT}){_END}{{0,6}})|{_ENDED})"
"""What such a number is the number of."""
SERIAL = re.compile(r"(?:(?:19|20)?[0-9]{2}[-/.][0-9]{3,8}|[1-9][0-9]{5,7})(?![\w-]|[./ ][0-9])")
"""How it is written, and no telephone number that anybody would give."""
