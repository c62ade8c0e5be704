"""Well-known hosts that speak OpenAI's API: one row each, from the vendor's documentation named in it.

`docs/providers.md` shows this table. A row is no more than what an operator could write under `kind: openai`.
"""

from dataclasses import dataclass

from .quirks import Quirks

SITE = "{site}"
"""Where a base URL names what belongs to the operator: an account, a region, a host."""
PLAIN = Quirks()
_OLD = Quirks(token_limit="max_tokens")
NO_LIST = Quirks(lists=False)
_OLDER = ("openai.chat", "openai.completions", "openai.embeddings")
"""Everything of OpenAI's but Responses, which are translated."""
_ALL = ("openai",)
_BOTH = ("openai", "anthropic")


@dataclass(frozen=True, slots=True)
class Preset:
    """One host. Every one takes `Authorization: Bearer`."""

    base_url: str
    docs: str
    quirks: Quirks = PLAIN
    speaks: tuple[str, ...] = _OLDER
    needs_key: bool = True
    """Whether it answers nobody without a key."""
    site: str = ""
    """What stands for {site} in the base URL, in words."""
    prices: str = ""
    """Its name in genai-prices, where that is not found by its address."""


PRESETS: dict[str, Preset] = {
    "ai21": Preset("https://api.ai21.com/studio/v1", "docs.ai21.com", Quirks("max_tokens", lists=False)),
    "baseten": Preset("https://inference.baseten.co/v1", "docs.baseten.co/inference/model-apis"),
    "bedrock-openai": Preset(
        "https://bedrock-runtime.{site}.amazonaws.com/openai/v1",
        "docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html",
        NO_LIST,
        site="the AWS region; the key is an Amazon Bedrock API key",
    ),
    "cerebras": Preset("https://api.cerebras.ai/v1", "inference-docs.cerebras.ai/resources/openai"),
    "chutes": Preset("https://llm.chutes.ai/v1", "llm.chutes.ai/v1/models"),
    "cloudflare": Preset(
        "https://api.cloudflare.com/client/v4/accounts/{site}/ai/v1",
        "developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility",
        NO_LIST,
        site="the account id",
    ),
    "cohere": Preset(
        "https://api.cohere.ai/compatibility/v1",
        "docs.cohere.com/docs/compatibility-api",
        Quirks("max_tokens", stream_options=False, lists=False),
    ),
    "databricks": Preset(
        "https://{site}/serving-endpoints",
        "docs.databricks.com/machine-learning/model-serving/score-foundation-models",
        NO_LIST,
        site="the workspace's host, such as dbc-1234.cloud.databricks.com",
    ),
    "deepinfra": Preset("https://api.deepinfra.com/v1/openai", "deepinfra.com/docs"),
    "deepseek": Preset("https://api.deepseek.com/v1", "api-docs.deepseek.com/api/create-chat-completion", _OLD),
    "digitalocean": Preset("https://inference.do-ai.run/v1", "docs.digitalocean.com/products/gradient-ai-platform"),
    "featherless": Preset("https://api.featherless.ai/v1", "featherless.ai/docs"),
    "fireworks": Preset("https://api.fireworks.ai/inference/v1", "docs.fireworks.ai", speaks=_ALL),
    "friendli": Preset("https://api.friendli.ai/serverless/v1", "friendli.ai/docs/guides/serverless_endpoints"),
    "gemini-openai": Preset(
        "https://generativelanguage.googleapis.com/v1beta/openai", "ai.google.dev/gemini-api/docs/openai"
    ),
    "github": Preset("https://models.github.ai/inference", "docs.github.com/rest/models/inference", NO_LIST),
    "groq": Preset("https://api.groq.com/openai/v1", "console.groq.com/docs/openai", speaks=_ALL),
    "huggingface": Preset("https://router.huggingface.co/v1", "huggingface.co/docs/inference-providers", speaks=_ALL),
    "hyperbolic": Preset("https://api.hyperbolic.xyz/v1", "docs.hyperbolic.xyz"),
    "inception": Preset("https://api.inceptionlabs.ai/v1", "platform.inceptionlabs.ai/docs"),
    "llamacpp": Preset(
        "http://localhost:8080/v1", "github.com/ggml-org/llama.cpp/tree/master/tools/server", needs_key=False
    ),
    "lmstudio": Preset("http://localhost:1234/v1", "lmstudio.ai/docs", needs_key=False, speaks=_ALL),
    "localai": Preset("http://localhost:8080/v1", "localai.io", needs_key=False),
    "minimax": Preset("https://api.minimax.io/v1", "platform.minimax.io/docs"),
    "mistral": Preset("https://api.mistral.ai/v1", "docs.mistral.ai", Quirks("max_tokens", stream_options=False)),
    "moonshot": Preset("https://api.moonshot.ai/v1", "platform.moonshot.ai/docs/api/chat"),
    "nebius": Preset("https://api.tokenfactory.nebius.com/v1", "docs.tokenfactory.nebius.com"),
    "novita": Preset(
        "https://api.novita.ai/openai/v1", "novita.ai/docs/api-reference/model-apis-llm-create-chat-completion"
    ),
    "nscale": Preset("https://inference.api.nscale.com/v1", "docs.nscale.com"),
    "nvidia": Preset("https://integrate.api.nvidia.com/v1", "docs.api.nvidia.com/nim"),
    "ollama": Preset(
        "http://localhost:11434/v1", "docs.ollama.com/api/openai-compatibility", _OLD, _BOTH, needs_key=False
    ),
    "ollama-cloud": Preset("https://ollama.com/v1", "docs.ollama.com/cloud", _OLD),
    "openrouter": Preset("https://openrouter.ai/api/v1", "openrouter.ai/docs", speaks=_BOTH),
    "ovhcloud": Preset(
        "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", "www.ovhcloud.com/public-cloud/ai-endpoints"
    ),
    "perplexity": Preset("https://api.perplexity.ai", "docs.perplexity.ai", Quirks("max_tokens", lists=False)),
    "poe": Preset("https://api.poe.com/v1", "creator.poe.com/docs/external-applications/openai-compatible-api"),
    "qwen": Preset(
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "www.alibabacloud.com/help/en/model-studio"
    ),
    "sambanova": Preset("https://api.sambanova.ai/v1", "docs.sambanova.ai"),
    "scaleway": Preset("https://api.scaleway.ai/v1", "www.scaleway.com/en/docs/generative-apis"),
    "siliconflow": Preset("https://api.siliconflow.com/v1", "docs.siliconflow.com"),
    "snowflake": Preset(
        "https://{site}.snowflakecomputing.com/api/v2/cortex/v1",
        "docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-rest-api",
        NO_LIST,
        site="the account identifier",
    ),
    "stepfun": Preset("https://api.stepfun.com/v1", "platform.stepfun.com/docs"),
    "tgi": Preset("http://localhost:8080/v1", "huggingface.co/docs/text-generation-inference", needs_key=False),
    "together": Preset("https://api.together.ai/v1", "docs.together.ai", prices="together"),
    "vercel": Preset("https://ai-gateway.vercel.sh/v1", "vercel.com/docs/ai-gateway"),
    "vllm": Preset("http://localhost:8000/v1", "docs.vllm.ai", needs_key=False, speaks=_ALL),
    "vultr": Preset("https://api.vultrinference.com/v1", "api.vultrinference.com"),
    "wandb": Preset("https://api.inference.wandb.ai/v1", "docs.wandb.ai/guides/integrations/inference"),
    "xai": Preset("https://api.x.ai/v1", "docs.x.ai", speaks=_ALL),
    "zai": Preset(
        "https://api.z.ai/api/paas/v4", "docs.z.ai/guides/develop/openai/python", Quirks("max_tokens", lists=False)
    ),
    "zhipu": Preset("https://open.bigmodel.cn/api/paas/v4", "docs.bigmodel.cn", Quirks("max_tokens", lists=False)),
}
