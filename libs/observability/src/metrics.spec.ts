import { Metrics } from './metrics';

describe('Metrics', () => {
  it('measure requests by route', async () => {
    const metrics = new Metrics({ process: 'spec' });
    metrics.observeRequest({ server: 'public', method: 'GET', route: '/dags/:id', status: 200, durationMs: 3 });
    const text = await metrics.read();
    const labels = 'process="spec",server="public",method="GET",route="/dags/:id",status="200"';
    expect(text).toContain(`flow_http_request_duration_seconds_count{${labels}} 1`);
    expect(text).toContain(`_bucket{le="0.005",${labels}} 1`);
    expect(text).toContain(`_bucket{le="0.0025",${labels}} 0`);
    expect(metrics.contentType).toContain('text/plain');
  });

  it("carry the process's own figures", async () => {
    expect(await new Metrics().read()).toMatch(/^flow_process_resident_memory_bytes \d+/m);
  });

  it('take counters, histograms and gauges of features', async () => {
    const metrics = new Metrics();
    metrics.counter('instances_started_total', 'Started.', ['kind']).inc({ kind: 'manual' });
    metrics.histogram('commit_seconds', 'Commits.').observe(0.2);
    let live = 1;
    metrics.gauge('instances_live', 'Live.', () => live);
    live = 7;
    const text = await metrics.read();
    expect(text).toContain('flow_instances_started_total{kind="manual"} 1');
    expect(text).toContain('flow_commit_seconds_count 1');
    expect(text).toContain('flow_instances_live 7');
  });

  it('tell the others when a value cannot be told', async () => {
    const metrics = new Metrics();
    metrics.gauge('away', 'Of a store that is away.', () => Promise.reject(new Error('away')));
    metrics.gauge('here', 'Here.', () => 1);
    const text = await metrics.read();
    expect(text).toMatch(/^flow_away nan$/im);
    expect(text).toContain('flow_here 1');
  });

  it('stand beside each other in one process', async () => {
    const [one, other] = [new Metrics(), new Metrics()];
    one.counter('x_total', 'X.').inc();
    other.counter('x_total', 'X.');
    expect(await other.read()).toContain('flow_x_total 0');
  });

  it('read gauges of several series, and forget those that are over', async () => {
    const metrics = new Metrics();
    let lags = [
      { labels: { group: 'g', topic: 't', partition: 0 }, value: 3 },
      { labels: { group: 'g', topic: 't', partition: 1 }, value: 0 },
    ];
    metrics.gauges('consumer_lag', 'Messages that were not taken.', ['group', 'topic', 'partition'], async () => lags);
    expect(await metrics.read()).toContain('flow_consumer_lag{group="g",topic="t",partition="0"} 3');
    lags = lags.slice(1);
    const text = await metrics.read();
    expect(text).toContain('flow_consumer_lag{group="g",topic="t",partition="1"} 0');
    expect(text).not.toContain('partition="0"');
  });
});
