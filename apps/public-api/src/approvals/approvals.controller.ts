import type { Caller } from '@flow/auth';
import { CurrentCaller, Endpoint, PageQuery, PublicApi, pageOf } from '@flow/http';
import { ApprovalsService } from '@flow/instances';
import { Body, Get, Param, Post, Query } from '@nestjs/common';
import { approvalPage, approvalView, toApprovalView } from './approval.view';
import { DecisionBody } from './approvals.dto';

@PublicApi('approvals', { tag: 'Approvals' })
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Get()
  @Endpoint({
    access: 'approval.decide',
    summary: 'List what waits for my decision, oldest first',
    answers: { 200: approvalPage },
  })
  async list(@CurrentCaller() caller: Caller, @Query() query: PageQuery) {
    const page = await this.approvals.list(caller, pageOf(query));
    return { ...page, items: page.items.map(toApprovalView) };
  }

  @Post(':id')
  @Endpoint({
    access: 'approval.decide',
    action: 'approval.decide',
    audited: ({ decision }: DecisionBody) => ({ decision }),
    summary: 'Approve or reject; answered when the decision is durable',
    description:
      'Each assignee decides once. The run goes on with the last approval that was wanted, or the first rejection.',
    answers: { 200: approvalView },
    errors: ['approval.not_found', 'approval.not_assigned', 'approval.already_given', 'approval.is_over'],
  })
  async decide(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() { decision, data }: DecisionBody) {
    return toApprovalView(await this.approvals.decide(caller, id, decision, data ?? null));
  }
}
