import { INSTANCE_STATUSES } from '../../api/instance-status';

/** What the address of the list of instances holds: its filters. */
export interface InstancesSearch {
  /** One status, or several between commas. */
  readonly status?: string;
  /** The id of a DAG. */
  readonly dag?: string;
  /** `key:value`. */
  readonly label?: string;
  /** RFC 3339. */
  readonly from?: string;
  readonly to?: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function time(value: unknown): string | undefined {
  const ms = Date.parse(text(value) ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** What the service would refuse is left out: an address that was typed shows a list all the same. */
export const instancesSearch = (search: Record<string, unknown>): InstancesSearch => {
  const statuses = text(search['status'])
    ?.split(',')
    .filter((one) => (INSTANCE_STATUSES as readonly string[]).includes(one));
  const label = text(search['label']);
  return {
    status: statuses !== undefined && statuses.length > 0 ? statuses.join(',') : undefined,
    dag: text(search['dag']),
    label: label !== undefined && isLabel(label) ? label : undefined,
    from: time(search['from']),
    to: time(search['to']),
  };
};

export const isLabel = (label: string) => /^[^:]{1,128}:.{0,256}$/.test(label);
