import type { Random } from './random.ts'

/** The kind of organisation that a tenant is. Its campaigns, templates, workflows and sequences are named accordingly. */
export type TenantKind = 'alumni' | 'shop' | 'software'

export const TENANT_KINDS: readonly TenantKind[] = ['alumni', 'shop', 'software']

/** One occasion per month of the year, January first. */
const OCCASIONS: Record<TenantKind, readonly string[]> = {
  alumni: [
    'New Year Greetings',
    'Founders Day',
    'Spring Reunion',
    'Giving Month',
    'Commencement',
    'Summer Reunion',
    'Travel Programme',
    'Back to Campus',
    'Homecoming',
    'Alumni Weekend',
    'Giving Tuesday',
    'Year-End Appeal',
  ],
  shop: [
    'January Clearance',
    "Valentine's Gifts",
    'Spring Arrivals',
    'Easter Treats',
    "Mother's Day",
    'Summer Kick-off',
    'Mid-Year Sale',
    'Back to School',
    'Autumn Lookbook',
    'Halloween Specials',
    'Black Friday Sale',
    'Holiday Gift Guide',
  ],
  software: [
    'New Year Planning',
    'Winter Release',
    'Security Update',
    'Spring Launch',
    'Developer Day',
    'Half-Year Roadmap',
    'Summer Release',
    'Integrations Month',
    'Autumn Launch',
    'User Conference',
    'Annual Plan Offer',
    'Year in Review',
  ],
}

const THEMES: Record<TenantKind, readonly string[]> = {
  alumni: ['Invitation', 'Save the Date', 'Last Seats', 'Volunteer Call', 'Thank You', 'Matching Gift', 'Mentor Drive'],
  shop: ['Early Access', 'Last Chance', 'Members Preview', 'Free Shipping', 'Flash Hours', 'Bundle Deals', 'Restock'],
  software: ['Announcement', 'Live Demo', 'Upgrade Offer', 'Customer Stories', 'Beta Invitation', 'Webinar', 'Recap'],
}

const AUDIENCES: Record<TenantKind, readonly string[]> = {
  alumni: [
    'Class of 1998',
    'Class of 2009',
    'Class of 2016',
    'Engineering',
    'Law School',
    'Boston Chapter',
    'London Chapter',
  ],
  shop: ['Lisbon', 'Returning Customers', 'VIP', 'Kids', 'Outdoor', 'Home & Garden', 'Shoes', 'First Order'],
  software: ['Admins', 'Trial Accounts', 'EMEA', 'North America', 'Startups', 'Enterprise', 'Inactive Teams'],
}

/** Names of templates, from the best quality to the worst: see `Template.quality`. */
export const TEMPLATE_NAMES: Record<TenantKind, readonly string[]> = {
  alumni: [
    'Your Photos from Reunion Night',
    'A Note from Your Old Professor',
    'Welcome to the Alumni Network',
    'Event Ticket and Directions',
    'Mentor Match Found',
    'Class Notes Digest',
    'Save the Date',
    'Update Your Directory Entry',
    'Quarterly Magazine',
    "Dean's Letter",
    'Phonathon Follow-up',
    'Annual Fund Reminder',
    'Merchandise Offer',
    'Survey: Governance Review',
  ],
  shop: [
    'Your Order Is on Its Way',
    'Welcome Email',
    'Back in Stock',
    'Abandoned Cart Nudge',
    'Birthday Gift',
    'Loyalty Points Statement',
    'New Arrivals',
    'Review Request',
    'Weekly Picks',
    'We Miss You',
    'Store Opening Hours',
    'Newsletter (old layout)',
    'Partner Offer',
    'Privacy Policy Update',
  ],
  software: [
    'Security Alert: New Sign-in',
    'Welcome Aboard',
    'Your Weekly Report',
    'Teammate Joined',
    'Trial Ends Tomorrow',
    'Tips for Your First Week',
    'Release Notes',
    'Invitation to Live Demo',
    'Invoice Ready',
    'Feature Spotlight',
    'Case Study',
    'Monthly Digest (long)',
    'Satisfaction Survey',
    'Cold Upgrade Pitch',
  ],
}

export const WORKFLOW_NAMES: Record<TenantKind, readonly string[]> = {
  alumni: [
    'New Graduate Onboarding',
    'Event RSVP Follow-up',
    'Lapsed Donor Recovery',
    'Mentor Matching',
    'Membership Renewal',
    'Gift Receipt and Thanks',
    'Address Check',
  ],
  shop: [
    'Abandoned Cart',
    'Post-Purchase Care',
    'Review Collection',
    'Win-back after 90 Days',
    'Birthday Reward',
    'Price Drop Alert',
    'Subscription Renewal',
  ],
  software: [
    'Trial Onboarding',
    'Failed Payment Recovery',
    'Inactive Workspace Rescue',
    'Upgrade Path',
    'Support Satisfaction Check',
    'Feature Adoption',
    'Churn Prevention',
  ],
}

export const SEQUENCE_NAMES: Record<TenantKind, readonly string[]> = {
  alumni: [
    'Major Gift Introduction',
    'Board Member Outreach',
    'Reunion Committee Recruiting',
    'Corporate Partner Approach',
    'Guest Speaker Invitation',
  ],
  shop: [
    'Wholesale Buyer Outreach',
    'Influencer Collaboration',
    'Corporate Gifts Pitch',
    'Marketplace Seller Onboarding',
    'Store Manager Check-in',
  ],
  software: [
    'Outbound: Heads of Operations',
    'Inbound Demo Follow-up',
    'Reseller Recruiting',
    'Conference Leads',
    'Expansion: Second Team',
  ],
}

/** A name that fits the month in which the campaign starts. */
export function campaignName(kind: TenantKind, random: Random, at: number): string {
  const occasion = OCCASIONS[kind][new Date(at).getUTCMonth()] ?? 'Announcement'
  const shape = random.integerBelow(4)
  if (shape === 0) return `${occasion}: ${random.pick(THEMES[kind])}`
  if (shape === 1) return `${occasion} – ${random.pick(AUDIENCES[kind])}`
  return `${occasion}: ${random.pick(THEMES[kind])} – ${random.pick(AUDIENCES[kind])}`
}

export function renameCampaign(name: string, random: Random): string {
  return `${name} ${random.pick(['(extended)', '(second wave)', '(corrected link)', '– final'])}`
}
