/**
 * The bases of deploy/kubernetes, as `kubectl apply -k` would send them.
 *
 * Invariant: a kustomization here lists plain resources and does nothing else; one that does is an error, since
 * what it would make is not what is read.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

export const directory = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url));

export const baseNames: readonly string[] = readdirSync(directory, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly fsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
  readonly appArmorProfile?: { readonly type: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly securityContext?: SecurityContext;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly hostPID?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly hostPath?: unknown }[];
}

interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

export interface JobSpec {
  readonly completionMode: string;
  readonly completions: number;
  readonly parallelism: number;
  readonly template: PodTemplate;
}

export function readBase(name: string): Resource[] {
  const base = join(directory, name);
  const kustomization = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8'));
  const { apiVersion, kind, resources, ...rest } = kustomization as Record<string, unknown>;
  if (apiVersion !== 'kustomize.config.k8s.io/v1beta1' || kind !== 'Kustomization')
    throw new Error(`${name}: not a kustomization`);
  if (Object.keys(rest).length > 0)
    throw new Error(`${name}: ${Object.keys(rest)} is more than a list of resources`);
  const files = resources as string[];
  const left = readdirSync(base).filter(
    (file) => file.endsWith('.yaml') && ![...files, 'kustomization.yaml'].includes(file),
  );
  if (left.length > 0) throw new Error(`${name}: ${left} is in no kustomization`);
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(base, file), 'utf8'), { strict: true }).map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw error;
      return document.toJS() as Resource;
    }),
  );
}

export function jobOf({ kind, spec }: Resource): JobSpec | null {
  return kind === 'CronJob' ? (spec as { jobTemplate: { spec: JobSpec } }).jobTemplate.spec : null;
}

/** What the pods of a resource are made of; null of a ConfigMap. */
export function templateOf(resource: Resource): PodTemplate | null {
  const { kind, spec } = resource;
  if (kind === 'Deployment' || kind === 'DaemonSet')
    return (spec as { template: PodTemplate }).template;
  return jobOf(resource)?.template ?? null;
}

export function podOf(resource: Resource): PodSpec | null {
  return templateOf(resource)?.spec ?? null;
}

export function podOfBase(name: string): PodSpec {
  const [pod] = readBase(name).flatMap((resource) => podOf(resource) ?? []);
  if (pod === undefined) throw new Error(`${name} has no pod`);
  return pod;
}

/** The container that runs sescle. */
export function sescleOf({ containers }: PodSpec): Container {
  const found = containers.find(({ name }) => name === 'sescle');
  if (found === undefined) throw new Error('no container called sescle');
  return found;
}
