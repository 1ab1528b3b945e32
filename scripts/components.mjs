// What the executable consists of, as CycloneDX: npm's own list, of which only what is in it stays, and Node.
//
//   node scripts/components.mjs x64|arm64 >FILE
//
// In it is what esbuild read (build/packages/ARCH/inputs.json), and what the addon is compiled with.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const [arch] = process.argv.slice(2);
if (arch !== 'x64' && arch !== 'arm64') throw new Error('usage: components.mjs x64|arm64');

const inputs = JSON.parse(
  readFileSync(path.join(root, `build/packages/${arch}/inputs.json`), 'utf8'),
);
const used = new Set(
  inputs.flatMap((file) => /(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
);
// Its headers are in the addon.
used.add('node-addon-api');

const list = JSON.parse(
  execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  }),
);
// npm gives each list a number and a time of its own: the same program has the same list.
delete list.serialNumber;
// npm takes the directory's name.
list.metadata.component.name = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
).name;
list.metadata.timestamp = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000).toISOString();

const isUsed = ({ group, name }) => used.has(group === undefined ? name : `${group}/${name}`);
const components = list.components.filter(isUsed);
for (const component of components) {
  // What it was to npm while sescle was built says nothing of the program.
  component.properties = component.properties?.filter(({ name }) => !name.includes(':development'));
}
const missing = [...used].filter(
  (name) =>
    !components.some((component) => isUsed.call(null, component) && fullName(component) === name),
);
if (missing.length > 0) throw new Error(`npm knows nothing of ${missing.join(', ')}`);

function fullName({ group, name }) {
  return group === undefined ? name : `${group}/${name}`;
}

const [, runtime = ''] =
  readFileSync(path.join(root, 'packaging/runtimes'), 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([name]) => name === arch) ?? [];
const version = runtime.slice(runtime.lastIndexOf('@') + 1);
components.push({
  'bom-ref': `node@${version}`,
  type: 'application',
  name: 'node',
  version,
  scope: 'required',
  purl: `pkg:npm/${runtime}`,
  licenses: [{ license: { id: 'MIT' } }],
});

const refs = new Set(components.map((component) => component['bom-ref']));
refs.add(list.metadata.component['bom-ref']);
list.components = components;
list.dependencies = list.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn = [] }) => ({
    ref,
    dependsOn: dependsOn.filter((each) => refs.has(each)),
  }));
process.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
