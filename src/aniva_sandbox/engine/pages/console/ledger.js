// The ledger of rules: what is shown of it, and what the bases mean.

/** The bases of rules in the order in which they are shown, each with what it means. */
export const BASES = {
  documented: "The API's documentation states it.",
  assumed: "The documentation leaves it open; the sandbox had to decide.",
  conflict: "The documentation contradicts itself; the sandbox takes one side.",
  sandbox: "The sandbox's own: the API has no such rule.",
};

/** The value of the status filter for rules without a status. */
export const NEVER = "never";

/** The rules that pass all filters: {q, basis, status, operation}, each a text or undefined. */
export function chosen(ledger, { q = "", basis, status, operation }) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return ledger.filter(
    (rule) =>
      (!basis || rule.basis === basis) &&
      (!status || (status === NEVER ? rule.statuses.length === 0 : rule.statuses.includes(Number(status)))) &&
      (!operation || rule.operations.includes(operation)) &&
      words.every((word) => textOf(rule).includes(word)),
  );
}

const textOf = ({ id, sentence, source }) => `${id} ${sentence} ${source}`.toLowerCase();

/** The clauses of a rule: parts of it that have another basis. */
export const clausesOf = (ledger, id) => ledger.filter((each) => each.id.startsWith(`${id}/`));

/** The rule that a clause is a part of; null for a rule. */
export const parentOf = (id) => (id.includes("/") ? id.slice(0, id.lastIndexOf("/")) : null);

/** The statuses and operations in a ledger, sorted: what filters offer. */
export function valuesOf(ledger) {
  return {
    statuses: [...new Set(ledger.flatMap((rule) => rule.statuses))].sort((a, b) => a - b),
    operations: [...new Set(ledger.flatMap((rule) => rule.operations))].sort(),
  };
}

/** The sections of a guide that mention a rule by its whole id. */
export function mentions(sections, id) {
  const whole = new RegExp(`(?<![\\w./-])${id.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}(?![\\w/-]|\\.\\w)`);
  return sections.filter((section) => whole.test(section.text));
}
