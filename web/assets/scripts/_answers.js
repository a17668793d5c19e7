// An answer may change the questions: the server draws them anew. What is typed meanwhile stays as it is typed.

const TYPED = "textarea, input:not([type=hidden], [type=file], [type=radio], [type=checkbox])";

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const sent = ctx.request.body;
  if (ctx.target?.id !== "answers" || !sent?.get) return;
  const fields = [...ctx.target.querySelectorAll(TYPED)];
  ctx.typedSince = fields.filter(({ name, value }) => sent.get(name) !== value).map(({ id, value }) => [id, value]);
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  for (const [id, value] of ctx.typedSince ?? []) {
    const field = document.getElementById(id);
    if (field && field.value !== value) field.value = value;
  }
});
