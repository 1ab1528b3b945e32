/**
 * What three versions of Kubernetes take, and the Prometheus operator of its own two kinds.
 *
 * Invariant: nothing is fetched; the schemas are in schemas/ (scripts/kubernetes-schemas.mjs).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Resource } from './bases.js';

const directory = new URL('schemas/', import.meta.url);

export const versions: readonly string[] = readdirSync(directory).map((file) =>
  file.replace(/\.json$/, ''),
);

interface Schemas {
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, object>>;
}

/** monitoring.coreos.com/v1: the fields that we use, and no others. */
const ofPrometheusOperator: Readonly<Record<string, object>> = {
  ServiceMonitor: object({
    selector: object({ matchLabels: strings() }),
    endpoints: {
      type: 'array',
      minItems: 1,
      items: object({ port: text(), interval: text('^[0-9]+(ms|s|m|h)$') }),
    },
  }),
  PrometheusRule: object({
    groups: {
      type: 'array',
      items: object({
        name: text(),
        rules: {
          type: 'array',
          items: object({
            alert: text(),
            expr: text(),
            for: text('^[0-9]+(s|m|h|d)$'),
            labels: strings(),
            annotations: strings(),
          }),
        },
      }),
    },
  }),
};

function text(pattern = '.') {
  return { type: 'string', pattern };
}

function strings() {
  return { type: 'object', additionalProperties: text() };
}

function object(properties: Readonly<Record<string, object>>) {
  const required = Object.keys(properties);
  return { type: 'object', properties, required, additionalProperties: false };
}

/** @returns what is wrong with a resource; empty: nothing */
export function validatorOf(version: string): (resource: Resource) => string[] {
  const schemas: Schemas = JSON.parse(readFileSync(new URL(`${version}.json`, directory), 'utf8'));
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  ajv.addSchema({ $id: 'kubernetes', definitions: schemas.definitions });
  const metadata = { $ref: 'kubernetes#/definitions/V1ObjectMeta' };
  return (resource) => {
    const { apiVersion, kind } = resource;
    const ofOperator =
      apiVersion === 'monitoring.coreos.com/v1' ? ofPrometheusOperator[kind] : undefined;
    const model = schemas.kinds[`${apiVersion}/${kind}`];
    if (ofOperator === undefined && model === undefined)
      return [`${apiVersion}/${kind} is no kind that is known`];
    const schema =
      ofOperator === undefined
        ? { $ref: `kubernetes#/definitions/${model}` }
        : object({ apiVersion: text(), kind: text(), metadata, spec: ofOperator });
    return errorsOf(ajv.compile(schema), resource);
  };
}

function errorsOf(validate: ValidateFunction, resource: Resource): string[] {
  validate(resource);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${resource.kind} ${resource.metadata.name}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
