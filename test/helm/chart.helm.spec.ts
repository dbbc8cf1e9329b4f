import { SETTINGS, SETTING_NAMES } from '@flow/settings';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART, SETS, judged, kept, lint, objectsIn, refusal, rendered, type KubeObject, type Labels } from './chart';

const IS_SECRET: ReadonlyMap<string, boolean> = new Map(SETTING_NAMES.map((name) => [name, SETTINGS[name].secret]));
const named = (objects: readonly KubeObject[], kind: string) => objects.filter((object) => object.kind === kind);
const has = (labels: Labels, wanted: Labels) => Object.entries(wanted).every(([name, value]) => labels[name] === value);

describe.each(SETS)('The chart with the %s values', (set) => {
  const text = rendered(set);
  const objects = objectsIn(text);
  const deployments = named(objects, 'Deployment');
  const templates = [...deployments, ...named(objects, 'Job')].map(({ spec }) => spec.template);
  const containers = templates.flatMap(({ spec }) => spec.containers);
  const find = (kind: string, name: string) => named(objects, kind).find(({ metadata }) => metadata.name === name);

  it('passes helm lint --strict', () => {
    const { status, said } = lint(set);
    expect(said).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(status).toBe(0);
  });

  it("passes Kubernetes' own validation, and its restricted Pod Security Standard, without a warning", () => {
    expect(judged(text)).toEqual({ status: 0, said: `${objects.length} objects, 0 faults\n` });
  });

  it('deploys each role by its own program', () => {
    const programs = deployments.map(({ spec }) => spec.template.spec.containers[0]?.command.join(' '));
    expect(programs.sort()).toEqual(
      ['private-api', 'public-api', 'worker'].map((app) => `node dist/apps/${app}/src/main.js`),
    );
    for (const program of programs)
      expect(existsSync(String(program).replace('node dist/', '').replace('.js', '.ts'))).toBe(true);
  });

  it('closes every pod', () => {
    expect(containers.length).toBeGreaterThanOrEqual(3);
    for (const { spec } of templates) {
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    }
    for (const { securityContext } of containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      });
  });

  it('says what each container needs, and never limits its CPU', () => {
    for (const { resources } of containers) {
      expect(Object.keys(resources.requests).sort()).toEqual(['cpu', 'memory']);
      expect(Object.keys(resources.limits)).toEqual(['memory']);
    }
  });

  it('asks every process by its probes, on a port that it opens', () => {
    for (const { spec } of deployments.map((deployment) => deployment.spec.template)) {
      const [container] = spec.containers;
      const ports = container?.ports?.map(({ name }) => name);
      for (const [probe, path] of [
        [container?.startupProbe, 'startup'],
        [container?.livenessProbe, 'alive'],
        [container?.readinessProbe, 'ready'],
      ] as const) {
        expect(probe?.httpGet).toEqual({ path: `/api/automation/v1/health/${path}`, port: 'private' });
        expect(ports).toContain(probe?.httpGet.port);
      }
    }
  });

  it('gives a stop more time than it may take', () => {
    for (const { spec, metadata } of deployments) {
      const { terminationGracePeriodSeconds = 0, containers: all } = spec.template.spec;
      const waits = all[0]?.lifecycle?.preStop.sleep.seconds ?? 0;
      const drain = /^PT(\d+)S$/.exec(find('ConfigMap', metadata.name)?.data?.DRAIN_TIMEOUT ?? '')?.[1];
      expect(terminationGracePeriodSeconds).toBe(Number(drain) + waits + 15);
    }
  });

  it('names settings that there are, each once, and no secret outside of a Secret', () => {
    const others = ['NODE_EXTRA_CA_CERTS', ...(set === 'most' ? ['REGION'] : [])];
    for (const { env, envFrom = [] } of containers) {
      const maps = envFrom.map(({ configMapRef }) => find('ConfigMap', configMapRef.name)?.data ?? {});
      const plain = maps.flatMap((data) => Object.keys(data));
      const names = [...plain, ...env.map(({ name }) => name)];
      expect(new Set(names).size).toBe(names.length);
      for (const name of plain) expect([name, IS_SECRET.get(name)]).toEqual([name, false]);
      for (const { name, value } of env.filter((one) => !others.includes(one.name)))
        expect([name, IS_SECRET.get(name)]).toEqual([name, value === undefined]);
    }
    for (const object of objects.filter(({ kind }) => kind !== 'Secret'))
      expect(JSON.stringify(object)).not.toContain('made-for-tests');
  });

  it('takes secrets from Secrets that have them', () => {
    for (const { name, valueFrom } of containers.flatMap(({ env }) => env)) {
      const asked = valueFrom?.secretKeyRef;
      if (!asked) continue;
      expect(asked.key).toBe(name);
      if (set === 'least') expect(asked.name).toBe('flow-secrets');
      else if (!asked.optional) expect(find('Secret', asked.name)?.stringData).toHaveProperty(name);
    }
  });

  it('gives settings as texts, and large numbers whole', () => {
    for (const { data = {} } of named(objects, 'ConfigMap')) {
      for (const value of Object.values(data)) expect(typeof value).toBe('string');
      expect(data.MAX_LIVE_INSTANCES).toBe(set === 'most' ? '10000000' : undefined);
    }
  });

  it('lets selectors find the pods that they are about, and no others', () => {
    const labelsOf = (component: string | undefined) =>
      templates.find(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === component)?.metadata.labels ??
      {};
    const own = objects.filter(({ kind }) =>
      ['Deployment', 'PodDisruptionBudget', 'NetworkPolicy', 'Service'].includes(kind),
    );
    for (const { kind, metadata, spec } of own) {
      const component = metadata.labels['app.kubernetes.io/component'];
      const wanted =
        kind === 'Service'
          ? spec.selector
          : kind === 'NetworkPolicy'
            ? spec.podSelector.matchLabels
            : spec.selector.matchLabels;
      const found = templates.filter((template) => has(template.metadata.labels, wanted));
      if (component === 'metrics') expect(found).toEqual(deployments.map((deployment) => deployment.spec.template));
      else expect(found.map((template) => template.metadata.labels)).toEqual([labelsOf(component)]);
    }
    for (const { spec } of deployments)
      for (const { labelSelector } of spec.template.spec.topologySpreadConstraints ?? [])
        expect(labelSelector.matchLabels).toEqual(spec.selector.matchLabels);
  });

  it('opens the port of each service in its pods, and only the users’ API to the world', () => {
    for (const service of named(objects, 'Service')) {
      const ports = templates
        .filter(({ metadata }) => has(metadata.labels, service.spec.selector))
        .map(({ spec }) => spec.containers[0]?.ports?.map(({ name }) => name));
      for (const { targetPort } of service.spec.ports) for (const open of ports) expect(open).toContain(targetPort);
    }
    for (const { spec } of named(objects, 'Ingress'))
      for (const { service } of spec.rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend)))
        expect(find('Service', service.name)?.spec.ports).toEqual([
          expect.objectContaining({ name: service.port.name, targetPort: 'public' }),
        ]);
  });

  it('scales and counts deployments that there are', () => {
    const scaled = named(objects, 'HorizontalPodAutoscaler').map(({ spec }) => spec.scaleTargetRef);
    for (const { kind, name } of scaled) expect(find(kind, name)).toBeDefined();
    for (const { metadata, spec } of deployments)
      expect(spec.replicas === undefined).toBe(scaled.some(({ name }) => name === metadata.name));
  });

  it('lets in what the values name, and nobody to a worker but for metrics', () => {
    for (const { spec, metadata } of named(objects, 'NetworkPolicy')) {
      expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
      const ports = (spec.ingress ?? []).flatMap((rule) => rule.ports.map(({ port }) => port));
      const component = metadata.labels['app.kubernetes.io/component'];
      expect(ports).toEqual(
        component === 'public-api' ? ['public', 'private'] : component === 'migrations' ? [] : ['private'],
      );
      for (const { from } of spec.ingress ?? []) expect(from?.length).toBeGreaterThan(0);
    }
  });
});

describe('The chart', () => {
  it('renders as it was seen last (UPDATE_HELM=1 npm run test:helm renews it)', () => {
    const now = rendered('trial');
    expect(now).toBe(kept(join(CHART, 'ci', 'trial.rendered.yaml'), now));
  });

  it.each([
    ['a value that there is not', ['--set', 'worker.replica=3'], /additional properties 'replica' not allowed/],
    ['a setting that there is not', ['--set', 'settings.LOG_LEVLE=debug'], /LOG_LEVLE/],
    ['a secret among the settings', ['--set', 'settings.ADMIN_TOKEN=x'], /ADMIN_TOKEN/],
    ['a setting that the chart gives itself', ['--set', 'settings.DRAIN_TIMEOUT=PT9S'], /DRAIN_TIMEOUT/],
    ['a truth value as a setting', ['--set', 'settings.MARIADB_TLS=true'], /got boolean, want number or string/],
    ['a token that is too short', ['--set', 'secret.values.ADMIN_TOKEN=short'], /minLength/],
    ['an Ingress without a host', ['--set', 'ingress.enabled=true'], /ingress\.hosts/],
    ['an HTTPRoute without a Gateway', ['--set', 'httpRoute.enabled=true'], /httpRoute\.parentRefs/],
    ['metrics without a token', ['--set', 'serviceMonitor.enabled=true'], /METRICS_TOKEN/],
    [
      'fewer pods at most than at least',
      ['--set', 'worker.autoscaling.enabled=true,worker.autoscaling.maxReplicas=1'],
      /minReplicas \(2\) is more than maxReplicas \(1\)/,
    ],
    [
      'scaling by nothing',
      ['--set', 'worker.autoscaling.enabled=true,worker.autoscaling.targetCpu=null'],
      /steers to nothing/,
    ],
    ['an older Kubernetes', ['--kube-version', '1.29.0'], />=1\.30\.0-0/],
  ])('refuses %s', (_what, values, said) => {
    expect(refusal('trial', ...values)).toMatch(said);
  });

  it('names the secrets that are missing', () => {
    expect(refusal('least', '--set', 'secret.existing=')).toContain(
      'secret.values lacks ADMIN_TOKEN, MARIADB_URL, MONGODB_URL, SECRETS_KEY.',
    );
  });

  it('is found at fault where it would be wrong', () => {
    const text = rendered('trial');
    const broken: [string, string, RegExp][] = [
      ['terminationGracePeriodSeconds', 'terminationGraceSeconds', /unknown field/],
      ['drop: [ALL]', 'drop: []', /pod security: .*restricted|pod security: .*capabilities/],
      ['maxUnavailable: 0', 'maxUnavailable: -1', /must be greater than or equal to 0/],
    ];
    for (const [right, wrong, fault] of broken) {
      const { status, said } = judged(text.replaceAll(right, wrong));
      expect([status, said]).toEqual([1, expect.stringMatching(fault)]);
    }
  });

  it('has the version of the project', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')).toContain(`\nappVersion: ${version}\n`);
  });
});
