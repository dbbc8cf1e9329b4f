import { DagStore } from '@flow/dags';
import { HistoryReader, Runner, TaskLogWriter } from '@flow/instances';
import { Clock, type InstanceId } from '@flow/kernel';
import {
  ArchiveService,
  FilePurge,
  FileSweep,
  OrphanBlobs,
  OrphanSweep,
  Purge,
  PurgeSweep,
  RetentionRules,
  RetentionService,
} from '@flow/retention';
import { made, type Ground, type Provided } from './made';

/** How long ended instances stay. */
export const retentionProviders = ({ settings, stores, log, metrics, large }: Ground): readonly Provided[] => [
  made(RetentionRules, [DagStore], (dags) => new RetentionRules(dags, stores.domainRetentions, settings.retention)),
  made(Purge, [RetentionRules, TaskLogWriter, Runner, Clock], (rules, lines, { projector }, clock) => {
    const { ended, taskLog, blobs, space } = stores;
    const removed = metrics.counter('instances_purged_total', 'Ended instances that were removed.');
    const parts = { rules, ended, taskLog, lines, blobs, space, unwritten: projector, clock };
    const purge = new Purge(parts, (count) => removed.inc(count));
    const seconds = (at: Date | null | undefined) => (at ? at.getTime() / 1_000 : 0);
    metrics.gauge('purge_last_run_seconds', 'When the last purge was over, as a Unix time; 0 before the first.', () =>
      seconds(purge.lastPass?.at),
    );
    metrics.gauge(
      'oldest_ended_instance_seconds',
      'The end of the oldest instance that the last purge left, as a Unix time; 0 when there was none.',
      () => seconds(purge.lastPass?.oldest),
    );
    return purge;
  }),
  made(
    PurgeSweep,
    [Purge, Clock],
    (purge, clock) =>
      new PurgeSweep(
        purge,
        clock,
        (report) => log[report.purged > 0 ? 'info' : 'debug'](report, 'instances past their retention were removed'),
        (error) => log.error({ err: error }, 'instances past their retention could not be removed; it is tried again'),
      ),
  ),
  made(OrphanSweep, [Runner, Clock], (runner, clock) => {
    const { blobs, ended, files } = stores;
    const removed = metrics.counter(
      'orphan_blob_owners_removed_total',
      'Instances that have never come to be, whose large values were removed.',
    );
    const mayLive = (owner: string) =>
      runner.writeFault !== undefined ||
      runner.holds(owner as InstanceId) ||
      runner.projector.isBehind(owner as InstanceId);
    const orphans = new OrphanBlobs({ blobs, owners: [ended, files], clock, mayLive }, (owner) => {
      removed.inc();
      log.info({ owner }, 'large values of an instance that has never come to be were removed');
    });
    return new OrphanSweep(orphans, clock, (error) =>
      log.error({ err: error }, 'large values that nobody names could not be removed; it is tried again'),
    );
  }),
  made(FileSweep, [Clock], (clock) => {
    const { files, blobs, firings } = stores;
    const purge = new FilePurge({ files, blobs, clock, neededSince: () => firings.oldestByHand() });
    return new FileSweep(purge, clock, (error) =>
      log.error({ err: error }, 'uploaded files whose time is over could not be removed; it is tried again'),
    );
  }),
  made(
    RetentionService,
    [RetentionRules, Purge, Clock],
    (rules, purge, clock) => new RetentionService(stores.domainRetentions, rules, purge, clock),
  ),
  made(ArchiveService, [Purge, HistoryReader, Runner, Clock], (purge, histories, { projector }, clock) => {
    const { ended, instances: store, taskLog } = stores;
    return new ArchiveService({ ended, store, taskLog, histories, large, unwritten: projector, purge, clock });
  }),
];
