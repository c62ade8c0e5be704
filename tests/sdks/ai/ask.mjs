// A streamed chat with a tool, by the `ai` package. Arguments: the gate's address, and which of its dialects to speak.
// Prints {"to": what the tool was called with, "said": the text that came in pieces, "pieces": how many} as JSON.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

globalThis.AI_SDK_LOG_WARNINGS = false; // they would stand on stdout
const [address, dialect, prompt] = process.argv.slice(2);
const settings = { baseURL: `${address}/v1`, apiKey: 'caller' };
const model = {
  chat: () => createOpenAI(settings).chat('gpt-test'),
  responses: () => createOpenAI(settings).responses('gpt-test'),
  messages: () => createAnthropic(settings)('claude-test'),
}[dialect]();

let to = null;
const mail = tool({
  description: 'Sends a mail.',
  inputSchema: z.object({ to: z.string() }),
  execute: async (input) => {
    to = input.to;
    return `sent to ${input.to}`;
  },
});
const pieces = [];
const { textStream } = streamText({ model, prompt, tools: { mail }, stopWhen: stepCountIs(3), maxRetries: 0 });
for await (const piece of textStream) pieces.push(piece);
console.log(JSON.stringify({ to, said: pieces.join(''), pieces: pieces.length }));
