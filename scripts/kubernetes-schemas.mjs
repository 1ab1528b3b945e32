/**
 * Makes test/kubernetes/schemas/: what Kubernetes takes of the kinds that deploy/kubernetes has, as JSON schemas,
 * of three versions. The models of @kubernetes/client-node are generated from Kubernetes' OpenAPI; what is in
 * them of types, names and required fields is here too. `node scripts/kubernetes-schemas.mjs`
 *
 * Invariant: an object takes only the fields that its version knows, as `kubectl apply` has it by default.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The client whose models are of that version. */
const clients = { 1.32: '1.1.0', 1.34: '1.4.0', 1.36: '2.0.1' };

const kinds = {
  'v1/ConfigMap': 'V1ConfigMap',
  'v1/PersistentVolumeClaim': 'V1PersistentVolumeClaim',
  'v1/Namespace': 'V1Namespace',
  'v1/Pod': 'V1Pod',
  'v1/Service': 'V1Service',
  'v1/ServiceAccount': 'V1ServiceAccount',
  'apps/v1/DaemonSet': 'V1DaemonSet',
  'apps/v1/Deployment': 'V1Deployment',
  'batch/v1/CronJob': 'V1CronJob',
};

const plain = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  any: {},
  object: { type: 'object' },
  Date: { type: 'string' },
  V1MicroTime: { type: 'string' },
  IntOrString: { type: ['string', 'integer'] },
};

for (const [version, client] of Object.entries(clients)) {
  const directory = mkdtempSync(join(tmpdir(), 'sescle-schemas-'));
  try {
    const name = `@kubernetes/client-node@${client}`;
    const archive = execFileSync('npm', ['pack', '--silent', name], {
      cwd: directory,
      encoding: 'utf8',
    });
    execFileSync('tar', ['xzf', archive.trim()], { cwd: directory });
    const models = join(directory, 'package/dist/gen/models');
    const definitions = {};
    for (const model of Object.values(kinds)) define(models, model, definitions);
    const schema = {
      $comment: `Kubernetes ${version}, from ${name}, Apache-2.0; made by scripts/kubernetes-schemas.mjs`,
      kinds,
      definitions,
    };
    writeFileSync(`test/kubernetes/schemas/${version}.json`, `${JSON.stringify(schema)}\n`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function define(models, model, definitions) {
  if (definitions[model] !== undefined) return;
  const types = withMaps(readFileSync(join(models, `${model}.d.ts`), 'utf8'));
  const formats = formatsIn(readFileSync(join(models, `${model}.js`), 'utf8'));
  const properties = {};
  const required = [];
  definitions[model] = { type: 'object', properties, required, additionalProperties: false };
  for (const [, name, optional, type] of types.matchAll(/^ {4}'([^']+)'(\??): ([^;]+);$/gm)) {
    const field = formats.get(name);
    if (field === undefined) throw new Error(`${model}: ${name} is not in the table`);
    const { json, format } = field;
    properties[json] = schemaOf(type, format, (used) => define(models, used, definitions));
    if (optional === '') required.push(json);
  }
  if (Object.keys(properties).length === 0) throw new Error(`${model} has no fields`);
}

/** `{ [key: string]: T; }` as `Map<T>`, from the inside out. */
function withMaps(types) {
  const next = types.replaceAll(/\{\s*\[key: string\]: ([^;{}]*);\s*\}/g, 'Map<$1>');
  return next === types ? types : withMaps(next);
}

/** What a field is called in JSON, and its format, by its name in the model. */
function formatsIn(code) {
  const entries = code.matchAll(
    /"name": "([^"]+)",\s+"baseName": "([^"]+)",\s+"type": "[^"]*",\s+"format": "([^"]*)"/g,
  );
  return new Map([...entries].map(([, name, json, format]) => [name, { json, format }]));
}

function schemaOf(type, format, use) {
  const [, items] = /^Array<(.*)>$/s.exec(type) ?? [];
  if (items !== undefined) return { type: 'array', items: schemaOf(items, format, use) };
  const [, values] = /^Map<(.*)>$/s.exec(type) ?? [];
  if (values !== undefined) {
    return { type: 'object', additionalProperties: schemaOf(values, format, use) };
  }
  if (type === 'number') return { type: format.startsWith('int') ? 'integer' : 'number' };
  if (plain[type] !== undefined) return plain[type];
  if (!/^[A-Z]\w+$/.test(type)) throw new Error(`no schema for ${type}`);
  use(type);
  return { $ref: `#/definitions/${type}` };
}
