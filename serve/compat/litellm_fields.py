"""Fields of LiteLLM's own in a request's body: a provider would refuse them, misread them, or learn what is not for it.

Source: `all_litellm_params` and the callbacks' parameters in LiteLLM's own types, less names that providers have too.
"""

from typing import Any

from . import fields

_READ = frozenset(
    {
        "cache",
        "fallbacks",
        "guardrails",
        "litellm_call_id",
        "litellm_metadata",
        "litellm_session_id",
        "litellm_trace_id",
        "max_retries",
        "num_retries",
        "stream_timeout",
        "tags",
        "timeout",
    }
)
"""Those that `litellm.py` reads."""
_HOSTS = frozenset(
    {
        "api_base",
        "api_key",
        "api_version",
        "base_url",
        "client_id",
        "client_secret",
        "custom_llm_provider",
        "extra_headers",
        "headers",
        "litellm_credential_name",
        "model_list",
        "organization",
        "provider_specific_header",
        "region_name",
        "ssl_verify",
        "tenant_id",
        "user_config",
    }
)
_ACCOUNTS = ("aws_", "azure_", "s3_", "vertex_")
_RECEIVERS = frozenset({"callbacks", "failure_callback", "slack_webhook_url", "success_callback"})
_RECEIVERS_OWN = ("arize_", "gcs_", "humanloop_", "langfuse_", "langsmith_", "lunary_", "posthog_", "wandb_", "weave_")
_UNKNOWN = frozenset(
    {
        "additional_drop_params",
        "allowed_openai_params",
        "assistant_continue_message",
        "base_model",
        "bedrock_tags",
        "budget_duration",
        "caching",
        "caching_groups",
        "content_policy_fallbacks",
        "context_window_fallback_dict",
        "context_window_fallbacks",
        "cooldown_time",
        "custom_prompt_dict",
        "disable_fallbacks",
        "disable_global_guardrails",
        "drop_params",
        "enable_json_schema_validation",
        "ensure_alternating_roles",
        "fastest_response",
        "force_timeout",
        "hf_model_name",
        "input_cost_per_second",
        "input_cost_per_token",
        "max_budget",
        "max_parallel_requests",
        "merge_reasoning_content_in_choices",
        "mock_response",
        "mock_testing_fallbacks",
        "mock_timeout",
        "mock_tool_calls",
        "model_info",
        "no-log",
        "output_cost_per_second",
        "output_cost_per_token",
        "policies",
        "preset_cache_key",
        "prompt_environment",
        "prompt_id",
        "prompt_label",
        "prompt_variables",
        "prompt_version",
        "proxy_server_request",
        "request_timeout",
        "retry_policy",
        "retry_strategy",
        "router_settings_override",
        "routing_strategy",
        "rpm",
        "specific_deployment",
        "supports_system_message",
        "tpm",
        "turn_off_message_logging",
        "use_litellm_proxy",
        "user_continue_message",
    }
)
_OWN = ("litellm_", "_litellm_")


def take_off(body: dict[str, Any]) -> None:
    """Take off the fields that say nothing; those that are left are read. Raises BadRequest for one that cannot be."""
    for name, why in [(name, why) for name in body if (why := _why_not(name)) or name in _READ]:
        if body[name] is None or body[name] == []:
            del body[name]
        elif why:
            raise fields.wrong(name[:80], why)


def _why_not(name: str) -> str:
    """Why a field is not granted; empty for one that is read, or is none of LiteLLM's."""
    if name in _HOSTS or name.startswith(_ACCOUNTS):
        return "is not taken: hosts, accounts and keys are the operator's, under providers"
    if name in _RECEIVERS or name.startswith(_RECEIVERS_OWN):
        return "is not taken: where requests are logged is the operator's to say"
    if name in _UNKNOWN or (name.startswith(_OWN) and name not in _READ):
        return "is not honoured here; see docs/compat.md"
    return ""
