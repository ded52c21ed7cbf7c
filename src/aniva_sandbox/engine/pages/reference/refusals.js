/* What the reference shows of refusals: every rule once, with an example, in place of one response a status. */

const NAMES = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  500: "Internal Server Error",
  502: "Bad Gateway",
  507: "Insufficient Storage",
};

const write = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

const statusLine = (status) => [status, NAMES[status]].filter(Boolean).join(" ");

/** A call as it is on the wire, without what all calls have. */
function requestText({ method, path, headers = {}, body }) {
  const head = [`${method} ${path}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return body === undefined ? head.join("\n") : `${head.join("\n")}\n\n${write(body)}`;
}

const responseText = ({ status, rules, response }) =>
  `${statusLine(status)}\nX-Sandbox-Rule: ${rules}\n\n${write(response)}`;

const ruleIds = (header) => header.split(", ").map((each) => each.split(";")[0]);

/** A sentence in which what is between backticks is code. */
const sentence = (h, text) =>
  text.split("`").map((part, place) => (place % 2 ? h("code", { key: place }, part) : part));

const ruleId = (h, id, entry) =>
  entry?.page ? h("a", { className: "rule-id", href: entry.page }, id) : h("code", { className: "rule-id" }, id);

/** The component `liveResponse`, with the rule that refused the call. */
export function withRule(LiveResponse, system) {
  const h = system.React.createElement;
  return function ResponseAndRule(props) {
    const header = props.response?.getIn(["headers", "x-sandbox-rule"]);
    const entry = (id) => system.specSelectors.specJson().getIn(["x-rules", id])?.toJS();
    return h(
      "div",
      null,
      header &&
        h(
          "div",
          { className: "refused", role: "status" },
          ruleIds(header).map((id) =>
            h("p", { key: id }, "Refused by ", ruleId(h, id, entry(id)), sentence(h, entry(id)?.sentence ?? ""))),
        ),
      h(LiveResponse, props),
    );
  };
}

/** The component `responses`, with the successes of an operation and, below them, what refuses it. */
export function withRefusals(Responses, system) {
  const h = system.React.createElement;

  const Example = ({ example }) =>
    h(
      "div",
      { className: "rule-example" },
      example.before && h("pre", { "aria-label": "Before", tabIndex: 0 }, example.before.join("\n")),
      h("pre", { "aria-label": "Request", tabIndex: 0 }, requestText(example)),
      h("pre", { "aria-label": "Response", tabIndex: 0 }, responseText(example)),
    );

  const Rule = ({ id, clauses = [], rules, status }) => {
    const [isOpen, open] = system.React.useState(false);
    const entry = rules[id];
    const example = entry.example?.status === status ? entry.example : undefined;
    return h(
      "li",
      null,
      ruleId(h, id, entry),
      h("span", { className: `basis ${entry.basis}` }, entry.basis),
      example &&
        h(
          "button",
          { type: "button", "aria-expanded": isOpen, "aria-label": `Example of ${id}`, onClick: () => open(!isOpen) },
          "Example",
        ),
      h("p", null, sentence(h, entry.sentence)),
      isOpen && h(Example, { example }),
      clauses.length > 0 &&
        h("ul", { className: "rules" }, clauses.map((clause) => h(Rule, { key: clause, id: clause, rules, status }))),
    );
  };

  const Status = ({ status, listed, rules }) =>
    h(
      "section",
      { className: "refusal" },
      h("h5", null, statusLine(status)),
      h("ul", { className: "rules" }, listed.map((rule) => h(Rule, { key: rule.id, ...rule, rules, status }))),
    );

  const Folded = ({ folded, rules, headers }) =>
    h(
      "details",
      { className: "folded" },
      h("summary", null, `Also ${folded.map(({ status }) => status).join(", ")}, and headers of every response`),
      folded.map(({ status, rules: listed }) => h(Status, { key: status, status, listed, rules })),
      headers.length > 0 &&
        h("dl", null, headers.map(([name, header]) => [
          h("dt", { key: `${name} name` }, h("code", null, name)),
          h("dd", { key: name }, header.description),
        ])),
    );

  return function ResponsesAndRefusals(props) {
    const spec = system.specSelectors.specJson();
    const read = (...path) => spec.getIn(path)?.toJS();
    const operation = ["paths", props.path, props.method];
    const refusals = read(...operation, "x-refusals") ?? [];
    const folded = read(...operation, "x-folded") ?? [];
    const rules = read("x-rules") ?? {};
    const headers = Object.entries(read("components", "headers") ?? {});
    return h(
      "div",
      null,
      h(Responses, props),
      refusals.length > 0 &&
        h(
          "div",
          { className: "refusals" },
          h("h4", null, "Refusals"),
          refusals.map(({ status, rules: listed }) => h(Status, { key: status, status, listed, rules })),
        ),
      folded.length > 0 && h("div", { className: "refusals" }, h(Folded, { folded, rules, headers })),
    );
  };
}
