/** deploy/kubernetes: three versions of Kubernetes take it, and it says of itself what is so. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { requireTool } from '../support/require-tool.js';
import {
  baseNames,
  directory,
  podOf,
  podOfBase,
  type Resource,
  readBase,
  sescleOf,
  templateOf,
} from './bases.js';
import { podSecurityOf } from './pod-security.js';
import { validatorOf, versions } from './schemas.js';

const project = (file: string) => new URL(`../../${file}`, import.meta.url);
const read = (file: string) => readFileSync(project(file), 'utf8');
const podBases = baseNames.filter((name) => readBase(name).some((one) => podOf(one) !== null));

describe.each(versions)('Kubernetes %s', (version) => {
  const validate = validatorOf(version);

  test.each(baseNames)('takes %s', (name) => {
    expect(readBase(name).flatMap(validate)).toEqual([]);
  });

  test('would refuse a field that it does not know, a missing one and one of another type', () => {
    const [job] = readBase('sweep') as [Resource];
    const spec = job.spec as Record<string, unknown>;
    const broken = (changes: object) => validate({ ...job, spec: { ...spec, ...changes } });
    expect(broken({ shedule: '' })).toHaveLength(1);
    expect(broken({ schedule: undefined })).toHaveLength(1);
    expect(broken({ successfulJobsHistoryLimit: '1' })).toHaveLength(1);
  });
});

test('three versions are asked', () => {
  expect(versions).toHaveLength(3);
});

test.skipIf(!requireTool('kubectl'))('kustomize makes of each base what is read here', () => {
  for (const name of baseNames) {
    const made = execFileSync('kubectl', ['kustomize', join(directory, name)], {
      encoding: 'utf8',
    });
    const sorted = (resources: readonly unknown[]) =>
      resources.map((one) => JSON.stringify(one, sortKeys)).sort();
    const documents = parseAllDocuments(made).map((document) => document.toJS());
    expect(sorted(documents)).toEqual(sorted(readBase(name)));
  }
});

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('the alerts are those of etc/prometheus, made by `npm run documents`', async () => {
  const [, groups = ''] = /^(groups:\n.*)/ms.exec(read('etc/prometheus/alerts.yml')) ?? [];
  const indented = groups.replaceAll(/^(?=.)/gm, '  ');
  const made = `# Made from etc/prometheus/alerts.yml by \`npm run documents\`.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: sescle
  labels: { app.kubernetes.io/name: sescle }
spec:
${indented}`;
  const file = join(directory, 'monitoring/prometheusrule.yaml');
  await expect(made).toMatchFileSnapshot(file);
  expect((parse(made) as { spec: unknown }).spec).toEqual(parse(read('etc/prometheus/alerts.yml')));
});

test.each(podBases)('%s keeps the Pod Security level that README.md says', (name) => {
  const row = read('deploy/kubernetes/README.md')
    .split('\n')
    .find((line) => line.startsWith(`| [\`${name}\`]`));
  expect(row).toContain(`| ${podSecurityOf(podOfBase(name))} |`);
});

test.each(podBases)('each capability of %s has its reason in README.md', (name) => {
  const readme = read('deploy/kubernetes/README.md');
  for (const capability of sescleOf(podOfBase(name)).securityContext?.capabilities?.add ?? [])
    expect(readme).toContain(`| \`${capability}\` |`);
});

test.each(podBases)('the probe of %s asks where sescle answers', (name) => {
  const { args = [], ports = [], livenessProbe } = sescleOf(podOfBase(name));
  if (livenessProbe === undefined) return expect(args).not.toContain('--http');
  const port = ports.find((one) => one.name === livenessProbe.httpGet.port);
  expect(args[args.indexOf('--http') + 1]).toBe(`0.0.0.0:${port?.containerPort}`);
  expect(['/healthz', '/metrics']).toContain(livenessProbe.httpGet.path);
});

test('the image is of this version', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  for (const name of podBases) expect(sescleOf(podOfBase(name)).image).toMatch(`:${version}`);
});

test('the Service finds the pods, and the monitor finds the Service', () => {
  const [service, monitor] = readBase('monitoring') as [Resource, Resource];
  const { selector, ports } = service.spec as { selector: object; ports: { name: string }[] };
  const watched = monitor.spec as {
    selector: { matchLabels: object };
    endpoints: { port: string }[];
  };
  expect(service.metadata.labels).toMatchObject(watched.selector.matchLabels);
  expect(ports[0]?.name).toBe(watched.endpoints[0]?.port);
  for (const name of podBases.filter((base) => base !== 'sweep')) {
    const [template] = readBase(name).flatMap((one) => templateOf(one) ?? []);
    expect(template?.metadata.labels).toMatchObject(selector);
  }
});
