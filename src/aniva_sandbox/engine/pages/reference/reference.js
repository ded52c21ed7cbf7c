/* The API reference: Swagger UI with the parts that differ from its own. */

import { withRefusals, withRule } from "./refusals.js";

const TOKEN = "sandbox-token"; // as in the console: who gave the token there need not give it here

const root = document.getElementById("reference");

function followColours() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

/** Whether an operation, or the group that it is in, has all words of a search. */
function matches(operation, group, words) {
  const described = operation.get("operation");
  const rules = (described.get("x-refusals")?.toJS() ?? []).flatMap(({ rules }) => rules);
  const text = [
    group,
    operation.get("method"),
    operation.get("path"),
    described.get("operationId"),
    described.get("summary"),
    ...rules.flatMap(({ id, clauses }) => [id, ...clauses]),
  ].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function findOperations(groups, phrase) {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map((group, name) =>
      group.update("operations", (operations) => operations.filter((each) => matches(each, name, words))))
    .filter((group) => group.get("operations").size > 0);
}

/** A part of an address as text; null if it cannot be decoded. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The part of the page that a fragment such as `#/Group/operation_id` names. */
function keyOf(fragment) {
  const [group, operation] = fragment.replace(/^#!?\/?/, "").split("/").map(decoded);
  if (!group) return [];
  return operation ? ["operations", group, operation] : ["operations-tag", group];
}

function plugin(system) {
  const h = system.React.createElement;

  const Info = ({ specSelectors, getComponent }) => {
    const Markdown = getComponent("Markdown", true);
    const info = specSelectors.info();
    const sections = specSelectors.specJson().get("x-sections")?.toJS() ?? [];
    return h(
      "section",
      { className: "info", "aria-label": "About" },
      h("h1", { className: "title" }, info.get("title"), " ", h("small", null, info.get("version"))),
      h(Markdown, { source: info.get("description") ?? "" }),
      sections.map(({ title, text }) =>
        h("details", { key: title, className: "section" }, h("summary", null, title), h(Markdown, { source: text }))),
    );
  };

  const Search = ({ layoutSelectors, layoutActions }) => {
    const phrase = layoutSelectors.currentFilter();
    return h(
      "div",
      { className: "wrapper search", role: "search" },
      h("h2", null, "Operations"),
      h("input", {
        type: "search",
        "aria-label": "Search operations",
        placeholder: "Search by id, path, word or rule",
        value: typeof phrase === "string" ? phrase : "",
        onChange: ({ target }) => layoutActions.updateFilter(target.value),
      }),
    );
  };

  const Operations = (Original) => (props) => {
    const phrase = system.layoutSelectors.currentFilter();
    const groups = system.specSelectors.taggedOperations();
    const none = typeof phrase === "string" && phrase && findOperations(groups, phrase).size === 0;
    return none ? h("p", { className: "none", role: "status" }, `No operation matches “${phrase}”.`) : h(Original, props);
  };

  /** Code that can be scrolled with the keyboard. */
  const Code = (Original) => (props) =>
    h("div", { className: "code", tabIndex: 0, role: "group", "aria-label": "Code" }, h(Original, props));

  const Body = (Original) => (props) => h(Original, { "aria-label": "Request body", ...props });

  const Close = (Original) => (props) => h("span", { role: "img", "aria-label": "Close" }, h(Original, props));

  const Labelled = (Original) => (props) => h("label", { className: "labelled" }, h(Original, props));

  return {
    fn: { opsFilter: findOperations },
    components: {
      FilterContainer: Search,
      ServersContainer: () => null,
      DeepLink: ({ text }) => h("span", null, text), // a link within a button cannot be reached by all
    },
    wrapComponents: {
      CloseIcon: Close,
      ExamplesSelect: Labelled,
      HighlightCode: Code,
      InfoContainer: () => Info,
      TextArea: Body,
      liveResponse: withRule,
      operations: Operations,
      responses: withRefusals,
    },
    statePlugins: {
      layout: {
        actions: {
          parseDeepLinkHash: (fragment) => ({ layoutActions }) => {
            const key = keyOf(fragment);
            if (!key.length) return;
            if (key[0] === "operations") layoutActions.show(["operations-tag", key[1]], true);
            layoutActions.show(key, true);
            layoutActions.scrollTo(key);
          },
        },
      },
      auth: {
        wrapActions: {
          authorize: (original) => (given) => {
            if (given.bearer) sessionStorage.setItem(TOKEN, given.bearer.value);
            return original(given);
          },
          logout: (original) => (names) => {
            if (names.includes("bearer")) sessionStorage.removeItem(TOKEN);
            return original(names);
          },
        },
      },
    },
  };
}

function authorize(reference) {
  const schemes = reference.specSelectors.securityDefinitions();
  if (schemes?.has("apiKey")) reference.preauthorizeApiKey("apiKey", root.dataset.key);
  const token = sessionStorage.getItem(TOKEN);
  if (token && schemes?.has("bearer")) reference.preauthorizeApiKey("bearer", token);
}

followColours();
if (decoded(location.hash) === null) history.replaceState(null, "", location.pathname + location.search); // Swagger UI would fail
const reference = window.SwaggerUIBundle({
  url: root.dataset.document,
  domNode: root,
  presets: [window.SwaggerUIBundle.presets.apis],
  plugins: [plugin],
  layout: "BaseLayout",
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  filter: true,
  syntaxHighlight: { theme: "tomorrow-night" },
  validatorUrl: null,
  onComplete: () => authorize(reference),
});
addEventListener("hashchange", () => reference.layoutActions.parseDeepLinkHash(location.hash));
