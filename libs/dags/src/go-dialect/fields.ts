/** What becomes of the fields of a whole document that are not simply kept. */

/** Written under another name here. */
export const RENAMED: Readonly<Record<string, string>> = {
  name: 'title',
  desc: 'description',
  change_log: 'changeLog',
};

/** Kept as they are. */
export const KEPT: ReadonlySet<string> = new Set([
  'title',
  'description',
  'status',
  'type',
  'priority',
  'version',
  'changeLog',
]);

/** Said by an author and without a counterpart: a warning says what to do instead. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  shortcuts: 'There are no shortcuts here.',
  emails: 'Nobody is mailed about a run here; a step with @mail/send can do it.',
  appinfo:
    'A run acts by its own steps and secrets here, never under an application account; only its priority is kept.',
  template: 'Templates of flows are not linked here.',
  accessors: 'Who may see and run a DAG is decided by the tokens of its business domain here.',
  published: 'A DAG cannot be started without a token here; give a token that may run it, or a webhook.',
  publish: 'A DAG cannot be started without a token here; give a token that may run it, or a webhook.',
  outputs: 'What a run gives is what its return gives; the list of outputs describes it only.',
  category: 'There are no categories here; tags can take their place.',
  policy_type: 'A flow is tied to a policy by the policy here.',
  inc_values: 'Marks of what was read already are kept by the trigger here.',
};

/** Made by the Go service itself: they mean nothing elsewhere, and one note names them all. */
export const BOOKKEEPING: ReadonlySet<string> = new Set([
  'accessor',
  'actions',
  'biz_domain_id',
  'createdAt',
  'create_by',
  'created_at',
  'creator',
  'cron',
  'debug_id',
  'exec_mode',
  'id',
  'instructions',
  'is_debug',
  'is_root',
  'modify_by',
  'operator_id',
  'removed',
  'sub_ids',
  'tasks',
  'trigger',
  'trigger_step',
  'updatedAt',
  'updated_at',
  'userid',
  'versionId',
  'version_id',
]);

/** Where a step, a branch or a definition holds steps. */
export const BODY_FIELDS = ['steps', 'branches', 'catch', 'finally', 'onError', 'undo'] as const;

/** Fields of a step in either language; what else stands there is read by nobody. */
export const STEP_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'title',
  'operator',
  'parameters',
  'settings',
  'branches',
  'steps',
  'dependsOn',
  'when',
  'onError',
  'undo',
  'catch',
  'finally',
]);
export const BRANCH_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'title',
  'conditions',
  'steps',
  'expression',
  'default',
]);
export const CONDITION_FIELDS: ReadonlySet<string> = new Set(['id', 'operator', 'parameters']);

/** The Go service's kinds of flow and the priority that each is given when it is made. */
export const PRIORITIES: Readonly<Record<string, string>> = {
  '': 'lowest',
  default: 'lowest',
  'data-flow': 'high',
  'data-flow-for-bot': 'high',
  'combo-operator': 'lowest',
  'security-policy': 'highest',
};
