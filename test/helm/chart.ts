import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const CHART = resolve('helm/flow-automation');
/** Sets of values that are tried, in the chart's folder `ci`. */
export const SETS = ['least', 'trial', 'most'] as const;
export type ValueSet = (typeof SETS)[number];

export type Labels = Readonly<Record<string, string>>;

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

interface HttpProbe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly EnvVar[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: HttpProbe;
  readonly livenessProbe?: HttpProbe;
  readonly readinessProbe?: HttpProbe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext: Readonly<Record<string, unknown>>;
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly topologySpreadConstraints?: readonly { readonly labelSelector: { readonly matchLabels: Labels } }[];
}

interface PodTemplate {
  readonly metadata: { readonly labels: Labels };
  readonly spec: PodSpec;
}

/** Of an object what the tests look at; kube-check has looked at the rest. */
export interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Labels; readonly annotations?: Labels };
  readonly data?: Labels;
  readonly stringData?: Labels;
  readonly spec: {
    readonly replicas?: number;
    readonly template: PodTemplate;
    readonly selector: Labels & { readonly matchLabels: Labels };
    readonly podSelector: { readonly matchLabels: Labels };
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly {
      readonly ports: readonly { readonly port: string }[];
      readonly from?: readonly unknown[];
    }[];
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
    readonly rules: readonly { readonly http: { readonly paths: readonly { readonly backend: Backend }[] } }[];
  };
}

interface Backend {
  readonly service: { readonly name: string; readonly port: { readonly name: string } };
}

/** The folder of scripts/helm-tools.sh; jest.helm.config.mjs has it built. */
export function tool(name: 'helm' | 'kube-check'): string {
  const folder = process.env.HELM_TOOLS;
  if (!folder) throw new Error('HELM_TOOLS is not set: npm run test:helm does that.');
  return join(folder, name);
}

const fileOf = (set: ValueSet) => join(CHART, 'ci', `${set}-values.yaml`);
const templateArgs = (set: ValueSet) => ['template', 'trial', CHART, '--namespace', 'flow', '--values', fileOf(set)];

/** What Helm would send to a cluster. */
export function rendered(set: ValueSet): string {
  return execFileSync(tool('helm'), templateArgs(set), { encoding: 'utf8' });
}

export function objectsIn(text: string): readonly KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

/** What Helm says against some values; undefined when it takes them. */
export function refusal(set: ValueSet, ...more: string[]): string | undefined {
  const { status, stderr } = spawnSync(tool('helm'), [...templateArgs(set), ...more], { encoding: 'utf8' });
  return status === 0 ? undefined : stderr;
}

export function lint(set: ValueSet): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(tool('helm'), ['lint', '--strict', CHART, '--values', fileOf(set)], {
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

/** What Kubernetes' own validation says against objects; its last line counts them. */
export function judged(text: string): { readonly status: number | null; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'chart-'));
  try {
    const file = join(folder, 'objects.yaml');
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(tool('kube-check'), [file], { encoding: 'utf8' });
    return { status, said: (stdout + stderr).replaceAll(`${file}: `, '') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A file that a test compares and that UPDATE_HELM=1 renews. */
export function kept(file: string, now: string): string {
  if (process.env.UPDATE_HELM === '1') writeFileSync(file, now);
  return readFileSync(file, 'utf8');
}
