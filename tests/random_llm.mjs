// SPDX-License-Identifier: GPL-3.0-or-later
// random_llm.mjs FOLDER - a server of chat completions on loopback, on a port that the system chose, for where no trained model can
// be had: llama.cpp (npm node-llama-cpp, found in FOLDER) with a model of random weights that is written to FOLDER/random.gguf.  Its
// answers are noise, of the form that the request asks for by a JSON Schema of whole numbers, if it does.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";

const folder = process.argv[2];
const found = createRequire(path.resolve(folder, "here.js")).resolve("node-llama-cpp");
const {getLlama, LlamaCompletion} = await import(pathToFileURL(found));

// One layer of the architecture llama whose tokens are bytes, as GGUF 3 (ggml/docs/gguf.md) has it.
const WIDTH = 64, HIDDEN = 128, HEADS = 2, CONTEXT = 8192, ALIGN = 32;
const U32 = 4, I32 = 5, F32 = 6, TEXT = 8, LIST = 9;
const NORMAL = 1, UNKNOWN = 2, CONTROL = 3, BYTE = 6;

function modelBytes() {
    const part = [];
    const u32 = (x) => part.push(Buffer.from(Uint32Array.of(x).buffer));
    const u64 = (x) => part.push(Buffer.from(BigUint64Array.of(BigInt(x)).buffer));
    const text = (s) => { u64(Buffer.byteLength(s)); part.push(Buffer.from(s)); };
    const value = {
        [U32]: u32, [TEXT]: text,
        [I32]: (x) => part.push(Buffer.from(Int32Array.of(x).buffer)),
        [F32]: (x) => part.push(Buffer.from(Float32Array.of(x).buffer)),
    };
    const token = ["<unk>", "<s>", "</s>"], type = [UNKNOWN, CONTROL, CONTROL];
    for (let b = 0; b < 256; b++) {
        token.push(`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
        type.push(BYTE);
    }
    token.push("\u2581");
    type.push(NORMAL);
    const key = [
        ["general.architecture", TEXT, "llama"], ["llama.context_length", U32, CONTEXT], ["llama.embedding_length", U32, WIDTH],
        ["llama.block_count", U32, 1], ["llama.feed_forward_length", U32, HIDDEN], ["llama.attention.head_count", U32, HEADS],
        ["llama.attention.layer_norm_rms_epsilon", F32, 1e-5], ["llama.rope.dimension_count", U32, WIDTH / HEADS],
        ["tokenizer.ggml.model", TEXT, "llama"], ["tokenizer.ggml.tokens", TEXT, token],
        ["tokenizer.ggml.scores", F32, token.map(() => 0)], ["tokenizer.ggml.token_type", I32, type],
        ["tokenizer.ggml.unknown_token_id", U32, 0], ["tokenizer.ggml.bos_token_id", U32, 1],
        ["tokenizer.ggml.eos_token_id", U32, 2],
    ];
    const square = [WIDTH, WIDTH];
    const tensor = [
        ["token_embd.weight", [WIDTH, token.length]], ["output_norm.weight", [WIDTH]], ["output.weight", [WIDTH, token.length]],
        ["blk.0.attn_norm.weight", [WIDTH]], ["blk.0.attn_q.weight", square], ["blk.0.attn_k.weight", square],
        ["blk.0.attn_v.weight", square], ["blk.0.attn_output.weight", square], ["blk.0.ffn_norm.weight", [WIDTH]],
        ["blk.0.ffn_gate.weight", [WIDTH, HIDDEN]], ["blk.0.ffn_up.weight", [WIDTH, HIDDEN]],
        ["blk.0.ffn_down.weight", [HIDDEN, WIDTH]],
    ];
    part.push(Buffer.from("GGUF"));
    u32(3);
    u64(tensor.length);
    u64(key.length);
    for (const [name, of, x] of key) {
        text(name);
        if (Array.isArray(x)) {
            u32(LIST);
            u32(of);
            u64(x.length);
            x.forEach(value[of]);
        } else {
            u32(of);
            value[of](x);
        }
    }
    let at = 0;
    for (const [name, shape] of tensor) {
        text(name);
        u32(shape.length);
        shape.forEach(u64);
        u32(0); // float
        u64(at);
        at += 4 * shape.reduce((a, b) => a * b);
    }
    const head = Buffer.concat(part);
    let seed = 1; // Lehmer's generator: the same model each time
    const weight = Float32Array.from({length: at / 4}, () => ((seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5) / 4);
    return Buffer.concat([head, Buffer.alloc((ALIGN - (head.length % ALIGN)) % ALIGN), Buffer.from(weight.buffer)]);
}

// Numbers of the schema, each one of at most 20 in its range.
function grammarOf(schema) {
    const member = Object.entries(schema.properties).map(([name, {minimum, maximum, type}]) => {
        const steps = type === "integer" ? Math.min(20, maximum - minimum) : 20;
        const some = Array.from({length: steps + 1}, (_, k) => minimum + ((maximum - minimum) * k) / (steps || 1));
        const word = [...new Set(some.map((x) => (type === "integer" ? Math.floor(x) : x)))].map((x) => `"${x}"`);
        return `"\\"${name}\\": " (${word.join(" | ")})`;
    });
    return `root ::= "{" ${member.join(' ", " ')} "}"`;
}

const file = path.join(folder, "random.gguf");
fs.writeFileSync(file, modelBytes());
const llama = await getLlama({gpu: false, build: "never", logLevel: "error"});
const model = await llama.loadModel({modelPath: file});
const context = await model.createContext({contextSize: CONTEXT, threads: 1});
const sequence = context.getSequence();
let last = Promise.resolve();

async function complete(request) {
    const prompt = request.messages[0].content, schema = request.response_format?.schema;
    const grammar = schema && await llama.createGrammar({grammar: grammarOf(schema)});
    await sequence.clearHistory();
    const content = await new LlamaCompletion({contextSequence: sequence}).generateCompletion(
        prompt, {grammar, maxTokens: request.max_tokens, temperature: request.temperature, seed: request.seed});
    return {model: "random", choices: [{message: {role: "assistant", content}}],
            usage: {prompt_tokens: model.tokenize(prompt).length, completion_tokens: model.tokenize(content).length}};
}

const server = http.createServer(async (from, to) => {
    let body = "";
    for await (const piece of from) {
        body += piece;
    }
    last = last.catch(() => {}).then(() => complete(JSON.parse(body))); // one at a time
    try {
        const reply = JSON.stringify(await last);
        to.writeHead(200, {"Content-Type": "application/json"}).end(reply);
    } catch (e) {
        console.error(e);
        to.writeHead(500).end();
    }
});
server.listen(0, "127.0.0.1", () => console.log(`running on http://127.0.0.1:${server.address().port}`));
