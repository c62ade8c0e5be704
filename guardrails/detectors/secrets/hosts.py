"""Tokens that their issuers begin with letters of their own, one expression each, for RE2.

Sources: the issuers' documentation; where that shows no length, what gitleaks (July 2026) and TruffleHog (August 2026)
take for one.
"""

AI_HOSTS = (
    r"nvapi-[A-Za-z0-9_-]{40,120}",
    r"tvly-(?:dev-|prod-)?[A-Za-z0-9_-]{24,80}",
    r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{8,12}",
    r"pcsk_[A-Za-z0-9]{5,8}_[A-Za-z0-9]{40,80}",
    r"csk-[a-z0-9]{40,60}",
    r"jina_[0-9a-f]{32}[A-Za-z0-9_-]{20,40}",
    r"sk-lf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    r"tgp_v1_[A-Za-z0-9_-]{43}",
    r"fc-[0-9a-f]{32}",
    r"sk_[0-9a-f]{48}",
    r"e2b_[0-9a-f]{40}",
    r"wandb_v1_[A-Za-z0-9_]{60,80}",
    # Amazon Bedrock, for long and for short.
    r"ABSK[A-Za-z0-9+/]{109,269}",
    r"bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/]{40,}",
)
HOSTS = (
    r"figd_[A-Za-z0-9_-]{36,60}",
    r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
    r"NRAK-[A-Z0-9]{27}",
    r"sntry[su]_[A-Za-z0-9_=+/-]{40,400}",
    r"AT[AC]TT3xFf[A-Za-z0-9_=-]{100,300}",
    r"dp\.(?:[psc]t|sa|said|scim|audit)\.[A-Za-z0-9._-]{36,80}",
    r"pscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.=-]{32,64}",
    r"nfp_[A-Za-z0-9]{36,40}",
    r"rubygems_[0-9a-f]{48}",
    # Supabase, also for scripts of an account and for applications.
    r"sbp_(?:v0_|oauth_)?[0-9a-f]{40}",
    r"sb_secret_[A-Za-z0-9_-]{24,64}",
    # Bitbucket: what applications enter as a password, and tokens of one's own servers.
    r"ATBB[A-Za-z0-9]{32,56}",
    r"BBDC-[A-Za-z0-9+/@_-]{40,50}",
    # Cloudflare: a user's token, an account's, a key; then a checksum.
    r"cf(?:[ua]t|k)_[A-Za-z0-9]{40}[0-9a-f]{8}",
    # Microsoft: keys of Azure's services, some with `==` behind, and Azure DevOps' tokens: they have their mark within.
    r"[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9]{26}(?:[A-Za-z0-9]{2})?",
    r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
    # Vercel: personal, of integrations, of applications (two), of its gateway.
    r"vc[piark]_[A-Za-z0-9]{24,80}",
    r"CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}",
    r"HRKU-AA[A-Za-z0-9_-]{57,58}",
    r"fm[12][ar]?_[A-Za-z0-9+/]{100,}",
    r"fo1_[A-Za-z0-9_-]{43}",
    r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
    r"tskey-[a-z]{3,12}-[A-Za-z0-9]{6,24}-[A-Za-z0-9]{16,48}",
    r"pul-[0-9a-f]{40}",
    r"pnu_[A-Za-z0-9]{36}",
    r"phx_[A-Za-z0-9]{43,48}",
    r"bkua_[0-9a-f]{40}",
    r"pat-(?:eu|na)1-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    r"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}",
    r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
    r"ops_eyJ[A-Za-z0-9+/]{250,}",
    r"sgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}",
    r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}",
    r"napi_[a-z0-9]{60,70}",
    r"CFPAT-[A-Za-z0-9_-]{43}",
    r"tfp_[A-Za-z0-9_]{40,60}",
    r"EZ[AT]K[A-Za-z0-9]{54}",
    r"(?:duffel|shippo)_(?:live|test)_[A-Za-z0-9_-]{40,43}",
    # Whoever has the link of a channel may post there.
    r"https://(?:\w{1,16}\.)?discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,80}",
    r"https://[\w-]{1,40}\.webhook\.office\.com/webhookb2/[0-9a-f@-]{70,80}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}",
    r"cio_tp_[A-Za-z0-9]{32}",
    # From public patterns, not from the issuers. Payments: Razorpay, Flutterwave, Xendit, Midtrans, Mercado Pago, Toss,
    # Mollie.
    r"rzp_(?:live|test)_[A-Za-z0-9]{14}",
    r"FLWSECK(?:_TEST)?-[0-9a-f]{32}-X",
    r"xnd_(?:production|development)_[A-Za-z0-9]{40,80}",
    r"(?:SB-)?Mid-server-[A-Za-z0-9_-]{20,40}",
    r"(?:APP_USR|TEST)-[0-9]{13,16}-[0-9]{6}-[0-9a-f]{32}-[0-9]{6,10}",
    r"(?:live|test)_g?sk_[A-Za-z0-9_]{20,40}",
    r"live_[A-Za-z0-9]{30}",
    # Likewise. Clouds: Alibaba, Tencent, Yandex (key, short-lived token, of an account), VK.
    r"LTAI[A-Za-z0-9]{12}(?:[A-Za-z0-9]{8})?",
    r"AKID[A-Za-z0-9]{32}",
    r"AQVN[A-Za-z0-9_-]{35,38}",
    r"t1\.[A-Za-z0-9_-]{30,400}={0,2}\.[A-Za-z0-9_-]{86}",
    r"y[0-3]_[A-Za-z0-9_-]{55,62}",
    r"vk1\.a\.[A-Za-z0-9_-]{60,300}",
)
