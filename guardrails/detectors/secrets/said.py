"""Passwords as people say them, in some sixty languages; for RE2.

A noun, a few words of the same clause, perhaps what says that the password comes next, and a word with a digit or a
sign in it, which a check looks at.
"""

import re

from .behind import Behind

_LATIN = (
    r"pass(?:w|c|p|ord)|pwd|kennwort|w[ac][cg]h?twoor|mot de passe|mdp|contrase|senha|palavra.passe"
    r"|has[łl](?:o|a|em)\b|hesl"
    r"|jelsz|geslo|lozink|l[öo]senor|adgangsk|kodeord|salas[aõ]|parool|parol(?:a|ă|ei?)\b|slapta|sifre"
    r"|m[ậa]t kh|sandi|laluan"
    r"|nenos"
)
_NETWORK = r"wi-?fi|wlan|hotspot|modem|módem|router|rúter|roteador|enrutador|вай-?фа(?:й|я|ю|е|єм|ем)|роутер|інтернет"
_ROUTER = (
    r"(?:wi-?fi|wlan|modem|router|ruter|hotspot)(?:[aiu]|en|et|in|n|ja|he[zs]|ul(?:ui)?)?"
    r"|(?:роутер|вай-?фа[йяюе]|модем|маршрутизатор|[иі]нтернет)[а-яіє]{0,3}"
    r"|[להבשומ]{0,2}(?:ראוטר|רואטר|נתב|מודם|ו?ו[יא]י?-?פיי?|wi-?fi|אינטרנט|רשת)"
    r"|[وبلف]{0,2}(?:ال)?(?:راوتر|رواتر|واي ?فاي|مودم|شبكة|نت|[اإ]نترنت)|राउटर|वाई-?फाई|ওয়াইফাই|ไวไฟ|เน็ต|เราเตอร์"
)
"""What has a password of its own, in front of it."""
_ROUTERS = r"와이파이|공유기|라우터|무선|인터넷|관리자|路由器?|无线网?|無線|网络|網路|ルーター|ワイファイ|ネット|wi-?fi"
_BRANDS = (
    r"zalo|face(?:book)?|fb|insta(?:gram)?|ig|netflix|spotify|steam|icloud|apple ?id|tik ?tok|paypal|discord"
    r"|kakao(?:talk)?|netflix\w{1,3}|нетфликс\w{0,2}|ה?נטפליקס|넷플릭스|hbo|disney|home ?bank(?:ing)?|doctolib"
)
_SERVICE = rf"{_BRANDS}|g?mail|e-?mail|vpn|laptop|pc|nas|cam(?:era)?|portal|banca|banco|bank(?:ing)?|app|crm|erp|máy"
"""What one logs in to."""
_CODE = (
    r"code|key|kod|kód|kode|kood|koodi|clave|contra|clau|clé|chiave|código|codi|codice|cod|код|pass|pw|mk"
    r"|parole|parool|sandi|schlüssel"
)
_OF = (
    r"(?: (?:of|for|to|de|del|dels|della|do|da|di|du|d[ei] la|vom|fürs|van|voor|til|till|na|od|z|pentru|la|от"
    r"|для|від|за|на|к))?"
)
_OTHERS = (
    r"парол|лозинк|ş[iİ]fr[eə]|κωδικ[όο]|סיסמ[האת]|كلم[ةه] (?:ال)?[سم]|رمز (?:عبور|ال?وا)|باس ?و|پسورد"
    r"|پاس ?ورڈ|पासव|পাসও|கடவுச"
    r"|รหัส(?:ผ่าน|ไวไฟ|เน็ต| ?wi-?fi)|พาสเวิ|密码|密碼|パスワード|비밀번호|პაროლ"
)
_OWNED = (
    r"clave|contra(?:seña)?|senha|mdp|mot de passe|has[łl]o|heslo|jelsz[óo]|парол[ья]|лозинка|parol[aă]|şifre\w{0,3}"
)
"""What names a password before what it opens."""
_FAR = 48
"""Characters before a value that say that it comes next, at most."""
_NOUN = (
    rf"(?i:(?:\b|_|\b[a-zäöü]{{1,12}})(?:{_LATIN})|\b(?:{_NETWORK})[ _-]?(?:{_CODE})\b"
    rf"|\b(?:{_CODE}){_OF} (?:la |el |l['’])?(?:{_NETWORK})|\bclave (?:de |del |de la )?(?:acceso|usuario"
    rf"|correo|cuenta|red|{_SERVICE})\b|\b(?:pass|psw|mk){_OF} (?:{_SERVICE})\b|\bww\b|(?:\b|_)psk\b"
    rf"|\b(?:la|mi|tu|su) (?:clave|contra)\b|{_OTHERS}|(?:^|[^가-힣]|[이넷톡관])비번)"
)
"""What names a password; of words that are bent, the stem."""
_WORD = r"[^\x00-\x1f!-&(-,./0-9:-@\[-`{-~。，；：、]"
GAP = rf"{_WORD}*?(?:[,?]{_WORD}*?){{0,2}}(?:\([^()\n]*\))?"
"""The rest of the noun, and words that follow it, perhaps as an answer: no digits, no signs."""
_SAYS = (
    r"is|was|be|now|to|as|are|it['’]s|ist|isch|war|lautet|auf|jetzt|neu|gesetzt|nu|naar|wordt|est|était"
    r"|en|à|par|maintenant"
    r"|c['’ ]?(?:[eé]s)?t|c|cé|es|era|será|a|por|ahora|é|eh|para|agora|è|con|in|ora|adesso|jest|teraz|brzmi|je|bylo|na"
    r"|teď|most|lett|este"
    r"|e|în|acum|și|е|на|сега|теперь|это|был|будет|тепер|це|буде|u|sada|sad|glasi|είναι|ειναι|σε|τώρα"
    r"|olarak|artık|yeni|är|er"
    r"|till?|nå|blev|on|nyt|nüüd|ir|uz|tagad|yra|į|dabar|í|është|هي|هو|إلى|الى|להיות|היא|הוא|זה|עכשיו|คือ"
    r"|เป็น|ใหม่|ว่า|là|thành|mới|sang"
    r"|still|noch|immer noch|toujours|todavía|siempre|ainda|ancora|wciąż|nadal|stále|pořád|fortfarande|stadig|fortsatt"
    r"|edelleen|yhä|vielä|nog steeds|nog|tuttora|всё ещё|все еще|досі|hâlâ|hala|masih|vẫn là|vẫn"
    r"|adalah|ialah|jadi|menjadi|baru(?:nya)?|ke|ay|ni|kuwa|ko|հիմա|არის"
)
_LED = re.compile(
    rf"(?:[:：=→>]\*{{0,2}}\s{{0,3}}|(?<![^\W_])(?:{_SAYS}|{_NETWORK}|{_ROUTER}|{_BRANDS}):? | [–—-]{{1,2}} |(?:คือ|เป็น"
    rf"|[是为為成叫到はをが은는이가을를])[:： ]?"
    rf"|(?<![^\W_])(?:wi-?fi|wlan|modem|router|hotspot)\w{{0,3}}['’]?\w{{0,3}}[ _-]?"
    rf"(?:{_LATIN}|şifre|{_CODE})[^\W\d_]{{0,4}} "
    rf"|(?:{_ROUTERS})[의の的]? ?(?:비밀번호|비번|密码|密碼|パスワード)[:： ]"
    rf"|(?<![^\W_])(?:{_OWNED})(?: [^\W\d_]{{1,4}}){{0,2}} (?:{_SERVICE}) )"
    r"[\"'`“”«„‘*]{0,2}$",
    re.IGNORECASE,
)
"""What says that it comes next."""
_MODEL = re.compile(r"fritz|psk|iptime|esp\d|wpa\d?|802|tp-?link|asus|iphone|galaxy|android|windows|v\d", re.IGNORECASE)
"""What else is named beside networks."""
THEN = r"(?:[ \"”»)]?\s?(?:[:：=→]|[=-]>)\*{0,2}\s{0,3}|\s(?:[–—-]{1,2} )?|[^\x00-\x7f][:： ]?)"
_QUOTE = r"[\"'`“”«„‘*]{0,2}"
_LETTER = r"[^\s\"'`<>,;“”»。，；、\x{3040}-\x{30ff}\x{3400}-\x{9fff}\x{ac00}-\x{d7af}"
_SIGN = r"\d@#$%&*!"
_VALUE = rf"{_LETTER}{_SIGN}:=(]*[{_SIGN}]{_LETTER}]*"
"""A word with a digit or a sign in it."""
_OTHER_ONE = (
    r"(?:y|,) (?:el|la|lo) del?|quell[ao] (?:del?|per)|e (?:o|a|os|as) d[oae]s?|cel(?:ui|le) d[eu]|(?:das"
    r"|der|die) (?:vom|fürs?|des)"
    r"|en d(?:at|ie) van|and (?:the one )?(?:for|of) the|and that of|oraz do|a do|ani? do|a k"
    r"|og den (?:til|på)|och det till|ja sen"
    r"|а от|а для|а на|і від|а від|și cea de(?: la)?|και (?:του|της|το)|ve|dan untuk|còn(?: của)?|และของ|和|另外"
)
_OTHER = rf"(?i:(?:\b|[^\x00-\x7f]|[ ,])(?:{_OTHER_ONE}) ){GAP}{THEN}{_QUOTE}(?P<v>{_VALUE})"
"""The other of two: `the password of the wifi is ... and the one for the printer ...`."""
SAID = Behind(
    # Without borders and endings, which would take it out of the pass of mere words.
    re.sub(
        r"\\b|\\w\{\d,\d\}",
        "",
        rf"(?i:{_LATIN}|(?:{_NETWORK})[ _-]?(?:{_CODE})|(?:{_CODE}){_OF} (?:la |el |l['’])?(?:{_NETWORK})"
        rf"|clave (?:de|acceso|usuario|correo|cuenta|red|{_SERVICE})|(?:pass|psw|mk){_OF} (?:{_SERVICE})|ww[ :=]|psk"
        rf"|(?:la|mi|tu|su) (?:clave|contra)|{_OTHERS}|비번)",
    ),
    _NOUN,
    rf"{GAP}{THEN}{_QUOTE}(?P<v>{_VALUE})",
    other=_OTHER,
)


def led(text: str, begin: int) -> bool:
    """Whether what stands before a place says that the password comes next."""
    return _LED.search(text, max(0, begin - _FAR), begin) is not None and not _MODEL.match(text, begin)
