import { Doc, Optional } from '@flow/http';
import type { DebugRequest, StepRequest } from '@flow/instances';
import { RequestInvalid, isJsonObject, type DagId, type Fault, type JsonObject } from '@flow/kernel';
import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsObject, IsString, Length } from 'class-validator';

export class DebugRunBody {
  @Doc('A definition, which is not saved; its JSON Schema is at GET /schemas/dag.json. Or give `dagId`.')
  @Optional()
  @IsObject()
  dag?: JsonObject;

  @Doc('A DAG that stands, also a stopped one. Or give `dag`.')
  @Optional()
  @IsString()
  @Length(1, 64)
  dagId?: string;

  @Doc('An older version of the DAG; the newest when left out.')
  @Optional()
  @IsString()
  @Length(1, 64)
  version?: string;

  @Doc("What the trigger's fields take.")
  @Optional()
  @IsObject()
  data?: JsonObject;

  @Doc('Ids of steps, nested ones too: the run stops before each.')
  @Optional()
  @IsArray()
  @ArrayMaxSize(1_000)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 255, { each: true })
  breakpoints?: string[];

  @Doc('Outputs by step id: these steps are not carried out, and give this.')
  @Optional()
  @IsObject()
  pins?: JsonObject;

  @Doc('Operators that may change the world are not called: their output tells what they would have done.')
  @Optional()
  @IsBoolean()
  dryRun?: boolean;

  @Doc('When the run is cancelled and goes away: ISO 8601, at most P1D; PT1H when left out.', 'PT30M')
  @Optional()
  @IsString()
  @Length(1, 40)
  expiresIn?: string;
}

export function debugRequestOf({ dagId, ...rest }: DebugRunBody): DebugRequest {
  return { ...rest, ...(dagId !== undefined && { dagId: dagId as DagId }) };
}

export class DebugStepBody {
  @Doc('One step with an operator that is called: an action, no trigger and no construct.')
  @IsObject()
  step!: JsonObject;

  @Doc(
    'What the step finds around it: `steps` (outputs by step id, of the trigger too), `vars`, `trigger` (an object each).',
  )
  @Optional()
  @IsObject()
  context?: JsonObject;

  @Doc('An operator that may change the world is not called: the output tells what it would have done.')
  @Optional()
  @IsBoolean()
  dryRun?: boolean;
}

const PARTS = ['steps', 'vars', 'trigger'] as const;

/** @throws RequestInvalid for a context that is none. */
export function stepRequestOf({ step, context = {}, dryRun }: DebugStepBody): StepRequest {
  const faults: Fault[] = [];
  for (const [key, value] of Object.entries(context)) {
    const pointer = `/context/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!PARTS.some((part) => part === key))
      faults.push({
        pointer,
        code: 'field.unknown',
        message: `A context has ${PARTS.join(', ')}; there is no "${key}".`,
      });
    else if (!isJsonObject(value))
      faults.push({ pointer, code: 'field.invalid', message: `"${key}" must be an object.` });
  }
  if (faults.length > 0) throw new RequestInvalid(faults);
  return { step, context: context, ...(dryRun !== undefined && { dryRun }) };
}
