import { Doc, Optional } from '@flow/http';
import type { Json } from '@flow/kernel';
import { IsDefined, IsIn } from 'class-validator';

export class DecisionBody {
  @IsIn(['approved', 'rejected'])
  decision!: 'approved' | 'rejected';

  @Doc("What goes with the decision: any JSON; with `approved` it must fit the approval's `schema`.")
  @Optional()
  @IsDefined()
  data?: Json;
}
