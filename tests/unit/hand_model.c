// SPDX-License-Identifier: MIT
/* See the header. */
#include "hand_model.h"

#include "run_words.h"

struct model model;
struct rows rows;
struct report report;

int hand_set_up(void **state)
{
	model = (struct model){ 0 };
	rows = (struct rows){ 0 };
	report = (struct report){ 0 };
	return 0;
}

int hand_tear_down(void **state)
{
	rows_done(&rows);
	model_done(&model);
	return 0;
}

struct ns *hand_ns(enum nstype type, uint32_t ino)
{
	return model_get(&model, (struct ns_ref){ type, ino });
}

void hand_hold(struct ns *ns, enum holder_kind kind, const struct process *process)
{
	struct holder holder = {
		.kind = kind, .process = process, .tid = process ? process->pid : 0
	};

	model_hold(&model, ns, &holder);
}

struct ns *hand_held(enum nstype type, uint32_t ino)
{
	struct ns *ns = hand_ns(type, ino);

	hand_hold(ns, HOLDER_KERNEL, NULL);
	return ns;
}

struct process *hand_process(pid_t pid, pid_t ppid)
{
	struct process *process = model_add_process(&model, pid);

	assert_int_equal(process->pid, pid);
	process->has_stat = true;
	process->ppid = ppid;
	return process;
}

void hand_join(struct process *process, struct ns *ns)
{
	process->ino[ns->ref.type] = ns->ref.ino;
	hand_hold(ns, HOLDER_PROCESS, process);
}

struct holder_mount *hand_mount(struct ns *ns, const char *path, uint32_t mntns)
{
	struct holder_mount *mount = arena_alloc(&model.arena, sizeof(*mount));
	struct holder holder = { .kind = HOLDER_MOUNT, .mount = mount };

	*mount = (struct holder_mount){
		.path = path, .mntns = mntns, .ours = mntns == model.our_mnt
	};
	model_hold(&model, ns, &holder);
	return mount;
}

void hand_relate(struct ns *ns, enum holder_kind kind, const struct ns *other)
{
	struct holder holder = { .kind = kind, .ns = other };

	model_hold(&model, ns, &holder);
}

struct ns *hand_word_ns(const char *word)
{
	size_t len = strcspn(word, ":");
	struct ns_ref ref = { 0 };

	if (!word[len] || nstype_parse(strf("%.*s:[%s]", (int)len, word, word + len + 1), &ref) < 0)
		fail_msg("not a namespace: %s", word);
	return model_get(&model, ref);
}

static struct ns *word_held_ns(const char *word)
{
	struct ns *ns = hand_word_ns(word);

	if (!ns->first)
		hand_hold(ns, HOLDER_KERNEL, NULL);
	return ns;
}

/* "2" or "2<1"; NULL where word is none. */
static struct process *word_process(const char *word)
{
	char *end;
	pid_t pid = (pid_t)strtol(word, &end, 10);
	struct process *process = model_find_process(&model, pid);

	if (end == word)
		return NULL;
	if (!process)
		process = hand_process(pid, 1);
	if (*end == '<')
		process->ppid = (pid_t)strtol(end + 1, NULL, 10);
	return process;
}

static enum holder_kind word_kind(const char *word)
{
	enum holder_kind kind = 0;

	while (strcmp(word, holder_kind_info[kind].name) != 0)
		if (++kind == HOLDER_KIND_COUNT)
			fail_msg("not a kind of holder: %s", word);
	return kind;
}

static void add_statement(char *words[])
{
	struct process *process = word_process(words[0]);
	enum holder_kind kind;

	if (process) {
		while (*++words)
			hand_join(process, hand_word_ns(*words));
	} else if (strchr(words[0], ':')) {
		struct ns *above = word_held_ns(words[0]);
		bool owns = !strcmp(words[1], "owns");

		for (words += 2; *words; words++)
			*(owns ? &word_held_ns(*words)->owner : &word_held_ns(*words)->parent) =
				above;
	} else {
		kind = word_kind(words[0]);
		process = word_process(words[1]);
		for (words += process ? 2 : 1; *words; words++)
			hand_hold(hand_word_ns(*words), kind, process);
	}
}

void hand_build(const char *text)
{
	char *rest = strf("%s", text), *argv[WORDS_MAX];

	for (char *statement; (statement = strsep(&rest, ";"));)
		if (split_words(statement, argv))
			add_statement(argv);
}

static void add_row(const struct row *row, struct strbuf *out)
{
	if (row->kind == ROW_TYPE)
		strbuf_adds(out, nstype_info(row->type)->name);
	else if (row->kind == ROW_HOLDER)
		strbuf_addf(out, "%s%d", holder_kind_info[row->holder->kind].name,
			row->holder->process ? row->holder->process->pid : 0);
	else
		strbuf_addf(out, "%u", row->ns->ref.ino);
	if (row->parent != ROW_NO_PARENT)
		strbuf_addf(out, "<%zu", row->parent);
}

void hand_assert_rows(const char *expected)
{
	struct strbuf text = { 0 };

	for (size_t i = 0; i < rows.n; i++) {
		strbuf_adds(&text, i ? " " : "");
		add_row(&rows.at[i], &text);
	}
	assert_string_equal(strbuf_keep(&text), expected);
}

struct identity parse_cgroup(const char *text)
{
	struct identity identity;

	identity_parse(text, &model.arena, &identity);
	return identity;
}

struct identity identify(const char *path)
{
	return parse_cgroup(strf("0::%s\n", path));
}

struct process *process_in(pid_t pid, const char *path)
{
	struct process *process = hand_process(pid, 1);
	struct identity *identity = arena_alloc(&model.arena, sizeof(*identity));

	*identity = identify(path);
	process->identity = identity;
	return process;
}

void assert_text(const char *what, const char *path, const char *got, const char *expected)
{
	if (got == expected || (got && expected && !strcmp(got, expected)))
		return;
	fail_msg("%s of %s is %s and not %s", what, path, got ? got : "(none)",
		expected ? expected : "(none)");
}
