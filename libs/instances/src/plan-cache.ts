import { AppError, type DagId, type DomainId } from '@flow/kernel';
import { VersionNotFound, type DagContent, type DagStore } from '@flow/dags';
import { compilePlan, type Plan } from '@flow/engine';
import type { OperatorCatalogue } from '@flow/operators';

const LARGEST = 1_000;

export class PlanUnusable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'dag.plan_unusable';
  constructor(dagId: DagId, version: string, cause: unknown) {
    super(
      `Version ${version} of the DAG ${dagId} cannot run here: ${cause instanceof Error ? cause.message : String(cause)}`,
      { dagId, version },
      { cause },
    );
  }
}

/** Compiles each version once; a version never changes, so a plan never goes stale. Bounded: the one used longest ago goes first. */
export class PlanCache {
  private readonly plans = new Map<string, Plan>();

  constructor(
    private readonly dags: DagStore,
    private readonly catalogue: OperatorCatalogue,
  ) {}

  /** Throws VersionNotFound or PlanUnusable. */
  async get(domain: DomainId, dagId: DagId, version: string, content?: DagContent): Promise<Plan> {
    const key = `${domain} ${dagId} ${version}`;
    const known = this.plans.get(key);
    if (known) {
      this.plans.delete(key);
      this.plans.set(key, known);
      return known;
    }
    const source = content ?? (await this.dags.version(domain, dagId, version))?.content;
    if (!source) throw new VersionNotFound(dagId, version);
    const plan = this.compile(dagId, version, source);
    this.plans.set(key, plan);
    const oldest = this.plans.keys().next();
    if (this.plans.size > LARGEST && !oldest.done) this.plans.delete(oldest.value);
    return plan;
  }

  private compile(dagId: DagId, version: string, { steps, vars, outputs, timeout }: DagContent): Plan {
    try {
      return compilePlan(
        { steps, vars, ...(outputs && { outputs }), ...(timeout !== undefined && { timeout }) },
        this.catalogue,
      );
    } catch (error) {
      throw new PlanUnusable(dagId, version, error);
    }
  }
}
