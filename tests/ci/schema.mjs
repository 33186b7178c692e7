// SPDX-License-Identifier: GPL-3.0-or-later
// schema.mjs SCHEMA FILE... - what ajv says of each YAML file by a JSON Schema: a line "valid FILE", "invalid FILE: why"
// or "unreadable FILE: why".  Run in a folder with ajv and yaml in node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/");
const Ajv = require("ajv").default;
const YAML = require("yaml");

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false, strictRequired: false });
const validate = ajv.compile(JSON.parse(readFileSync(process.argv[2], "utf8")));

for (const file of process.argv.slice(3)) {
    let value;
    try {
        const text = readFileSync(file, "utf8");
        const documents = YAML.parseAllDocuments(text, { version: "1.2", merge: true, strict: true });
        if (documents.length !== 1) throw new Error(`${documents.length} documents`);
        const wrong = [...documents[0].errors, ...documents[0].warnings];
        if (wrong.length > 0) throw wrong[0];
        value = documents[0].toJS({ maxAliasCount: 1000 });
    } catch (e) {
        console.log(`unreadable ${file}: ${e.message.split("\n")[0]}`);
        continue;
    }
    if (validate(value)) {
        console.log(`valid ${file}`);
    } else {
        const e = validate.errors[0];
        console.log(`invalid ${file}: ${e.instancePath} ${e.message}`);
    }
}
