/** The words of one business, so that two members of a family do not look alike. All are valid identifiers in lower case. */
export interface Theme {
  service: string;
  item: string;
  items: string;
  person: string;
  people: string;
  event: string;
  events: string;
  adjectives: string[];
  nouns: string[];
}

export const THEMES: readonly Theme[] = [
  {
    service: 'bookshop',
    item: 'book',
    items: 'books',
    person: 'reader',
    people: 'readers',
    event: 'order',
    events: 'orders',
    adjectives: ['silent', 'northern', 'forgotten', 'golden', 'burning', 'paper'],
    nouns: ['harbour', 'garden', 'winter', 'letter', 'island', 'mirror', 'orchard'],
  },
  {
    service: 'clinic',
    item: 'treatment',
    items: 'treatments',
    person: 'patient',
    people: 'patients',
    event: 'visit',
    events: 'visits',
    adjectives: ['acute', 'dental', 'thermal', 'yearly', 'gentle', 'second'],
    nouns: ['checkup', 'therapy', 'screening', 'massage', 'vaccination', 'scan', 'session'],
  },
  {
    service: 'fleet',
    item: 'vehicle',
    items: 'vehicles',
    person: 'driver',
    people: 'drivers',
    event: 'trip',
    events: 'trips',
    adjectives: ['blue', 'diesel', 'electric', 'heavy', 'rented', 'city'],
    nouns: ['van', 'truck', 'trailer', 'wagon', 'tanker', 'shuttle', 'crane'],
  },
  {
    service: 'library',
    item: 'track',
    items: 'tracks',
    person: 'listener',
    people: 'listeners',
    event: 'play',
    events: 'plays',
    adjectives: ['slow', 'electric', 'midnight', 'velvet', 'distant', 'broken'],
    nouns: ['river', 'waltz', 'engine', 'morning', 'satellite', 'lullaby', 'highway'],
  },
  {
    service: 'warehouse',
    item: 'product',
    items: 'products',
    person: 'customer',
    people: 'customers',
    event: 'shipment',
    events: 'shipments',
    adjectives: ['steel', 'folding', 'outdoor', 'ceramic', 'compact', 'wooden'],
    nouns: ['lamp', 'table', 'kettle', 'shelf', 'bicycle', 'drill', 'blanket'],
  },
  {
    service: 'events',
    item: 'ticket',
    items: 'tickets',
    person: 'guest',
    people: 'guests',
    event: 'booking',
    events: 'bookings',
    adjectives: ['open', 'royal', 'summer', 'late', 'indoor', 'charity'],
    nouns: ['concert', 'festival', 'matinee', 'premiere', 'derby', 'lecture', 'gala'],
  },
  {
    service: 'realty',
    item: 'listing',
    items: 'listings',
    person: 'agent',
    people: 'agents',
    event: 'viewing',
    events: 'viewings',
    adjectives: ['sunny', 'central', 'renovated', 'quiet', 'furnished', 'coastal'],
    nouns: ['studio', 'cottage', 'penthouse', 'loft', 'villa', 'office', 'barn'],
  },
  {
    service: 'school',
    item: 'course',
    items: 'courses',
    person: 'student',
    people: 'students',
    event: 'lesson',
    events: 'lessons',
    adjectives: ['advanced', 'applied', 'modern', 'practical', 'evening', 'visual'],
    nouns: ['algebra', 'chemistry', 'drawing', 'history', 'logic', 'rhetoric', 'botany'],
  },
];

/** "book" -> "Book". */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
