import type { TFunction } from 'i18next';
import type { Worker } from '../../api/platform.queries';
import type { Column } from '../../parts/data-table';
import { Time } from '../../shell/time';

export function workersColumns(t: TFunction): readonly Column<Worker>[] {
  const column = (
    id: 'process' | 'status' | 'app' | 'version' | 'instances' | 'calls' | 'room' | 'started' | 'seen',
    width: string,
    cell: Column<Worker>['cell'],
    isNumber = false,
  ): Column<Worker> => ({ id, header: t(`workers.column.${id}`), width, cell, isNumber });
  return [
    column('process', 'minmax(140px, 1fr)', ({ host, pid }) => `${host}:${pid}`),
    column('status', '100px', ({ status }) => (
      <span style={{ color: `var(--state-${status === 'running' ? 'succeeded' : 'waiting'})` }}>
        {t(`workers.status.${status}`)}
      </span>
    )),
    column('app', '120px', ({ app }) => app),
    column('version', '90px', ({ version }) => version),
    column('instances', '100px', ({ instances }) => instances, true),
    column('calls', '100px', ({ calls }) => calls, true),
    column('room', '90px', ({ hasRoom }) => t(hasRoom ? 'workers.hasRoom' : 'workers.isFull')),
    column('started', '120px', ({ startedAt }) => <Time at={startedAt} />),
    column('seen', '110px', ({ seenAt }) => <Time at={seenAt} />),
  ];
}
