/** The `data` of real answers about campaigns, workflows and sequences, from 2026-01-26 to 2026-01-28. */

export const campaignsData = {
  summary: { totalCampaigns: 3, completedCampaigns: 1, totalRecipients: 1186, avgOpenRate: 43.29, avgClickRate: 12.39 },
  topCampaigns: [
    {
      campaignId: 'cmp-1',
      name: 'Black Friday Sale',
      sent: 690,
      delivered: 670,
      opened: 277,
      clicked: 79,
      recipients: 512,
      openRate: 41.34,
      clickRate: 11.79,
    },
    {
      campaignId: 'cmp-2',
      name: 'Alumni Spring Gala',
      sent: 497,
      delivered: 480,
      opened: 245,
      clicked: 78,
      recipients: 407,
      openRate: 51.04,
      clickRate: 16.25,
    },
    {
      campaignId: 'cmp-3',
      name: 'Mentorship Drive',
      sent: 313,
      delivered: 303,
      opened: 107,
      clicked: 23,
      recipients: 267,
      openRate: 35.31,
      clickRate: 7.59,
    },
  ],
  timeSeries: [
    { timestamp: '2026-01-26T00:00:00Z', sent: 500, delivered: 485, opened: 206, clicked: 53 },
    { timestamp: '2026-01-27T00:00:00Z', sent: 575, delivered: 563, opened: 248, clicked: 70 },
    { timestamp: '2026-01-28T00:00:00Z', sent: 425, delivered: 405, opened: 175, clicked: 57 },
  ],
}

export const workflowsData = {
  summary: {
    totalRuns: 270,
    completedRuns: 222,
    failedRuns: 13,
    goalReachedRuns: 76,
    avgCompletionRate: 82.22,
    avgConversionRate: 34.23,
  },
  topWorkflows: [
    {
      workflowId: 'wf-1',
      name: 'New Alumni Welcome',
      runs: 180,
      completed: 144,
      failed: 10,
      goalReached: 52,
      completionRate: 80,
      conversionRate: 36.11,
    },
    {
      workflowId: 'wf-2',
      name: 'Lapsed Donor Win-back',
      runs: 90,
      completed: 78,
      failed: 3,
      goalReached: 24,
      completionRate: 86.67,
      conversionRate: 30.77,
    },
  ],
  timeSeries: [
    { timestamp: '2026-01-26T00:00:00Z', started: 88, completed: 65, failed: 6, goalReached: 19 },
    { timestamp: '2026-01-27T00:00:00Z', started: 93, completed: 80, failed: 3, goalReached: 26 },
    { timestamp: '2026-01-28T00:00:00Z', started: 89, completed: 77, failed: 4, goalReached: 31 },
  ],
}

export const sequencesData = {
  summary: {
    totalEnrollments: 215,
    activeEnrollments: 115,
    completedEnrollments: 48,
    repliedEnrollments: 40,
    avgReplyRate: 18.6,
  },
  stepFunnel: [
    { stepNumber: 1, executed: 215, replied: 21 },
    { stepNumber: 2, executed: 129, replied: 18 },
    { stepNumber: 3, executed: 51, replied: 1 },
  ],
  topSequences: [
    {
      sequenceId: 'seq-1',
      name: 'Onboarding Series',
      enrollments: 140,
      active: 75,
      completed: 35,
      replied: 23,
      replyRate: 16.43,
    },
    {
      sequenceId: 'seq-2',
      name: 'Event Follow-up',
      enrollments: 75,
      active: 40,
      completed: 13,
      replied: 17,
      replyRate: 22.67,
    },
  ],
  timeSeries: [
    { timestamp: '2026-01-26T00:00:00Z', enrolled: 70, executed: 70, replied: 7, completed: 0 },
    { timestamp: '2026-01-27T00:00:00Z', enrolled: 79, executed: 142, replied: 16, completed: 0 },
    { timestamp: '2026-01-28T00:00:00Z', enrolled: 66, executed: 183, replied: 17, completed: 48 },
  ],
}
