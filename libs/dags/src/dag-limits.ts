/** How much one DAG may hold; the app makes it from its settings. */
export class DagLimits {
  constructor(
    /** Steps, nested ones included. */
    readonly steps = 1_000,
    /** Bodies within bodies; the DAG's own is the first. */
    readonly depth = 32,
    /** Characters of a JSON or YAML document that is imported. */
    readonly importCharacters = 1024 * 1024,
    /** DAGs in one import, ids in one batch. */
    readonly batch = 200,
  ) {}
}
