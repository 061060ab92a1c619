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

struct process *hand_process(pid_t pid, pid_t ppid)
{
	struct process *process = model_add_process(&model, pid);

	assert_int_equal(process->pid, pid);
	process->has_stat = true;
	process->ppid = ppid;
	return process;
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

#define NUMBER(field) #field, &(field), sizeof(field)
#define COUNTED(SOURCE, error) &report.errors[SOURCE_##SOURCE].error, sizeof(size_t)

/* "model.self=7" */
static void set_number(const char *word)
{
	static const struct {
		const char *name;
		void *at;
		size_t size;
	} numbers[] = { { NUMBER(model.our_mnt) }, { NUMBER(model.our_user) },
		{ NUMBER(model.our_pids) }, { NUMBER(model.self) }, { NUMBER(model.names_read) },
		{ NUMBER(model.detached_mounts) }, { NUMBER(report.no_members) },
		{ NUMBER(report.narrowed) }, { NUMBER(report.bpf) }, { NUMBER(report.timed_out) },
		{ "processes.denied", COUNTED(PROCESSES, denied) },
		{ "processes.odd", COUNTED(PROCESSES, odd) },
		{ "fds.denied", COUNTED(FDS, denied) } };
	size_t len = strcspn(word, "="), i = 0;
	unsigned long value = strtoul(word + len + 1, NULL, 10);

	while (strlen(numbers[i].name) != len || strncmp(numbers[i].name, word, len) != 0)
		if (++i == COUNT(numbers))
			fail_msg("no number: %s", word);
	if (numbers[i].size == sizeof(bool))
		*(bool *)numbers[i].at = value;
	else if (numbers[i].size == sizeof(uint32_t))
		*(uint32_t *)numbers[i].at = (uint32_t)value;
	else
		*(size_t *)numbers[i].at = value;
}

static void relate(const char *one, const char *verb, const char *other)
{
	struct holder holder = { 0 };

	if (!strcmp(verb, "owns")) {
		word_held_ns(other)->owner = word_held_ns(one);
	} else if (!strcmp(verb, "above")) {
		word_held_ns(other)->parent = word_held_ns(one);
	} else {
		holder = (struct holder){ .kind = word_kind(verb), .ns = hand_word_ns(other) };
		model_hold(&model, hand_word_ns(one), &holder);
	}
}

static void add_of_ns(char *words[])
{
	struct ns *ns = hand_word_ns(words[0]);

	if (!strcmp(words[1], "id"))
		ns->id = strtoul(words[2], NULL, 10);
	else if (!strcmp(words[1], "called"))
		model_add_name(&model, ns->ref, words[2]);
	else if (!strcmp(words[1], "mounts"))
		for (char **word = words + 3; *word; word++)
			hand_mount(hand_word_ns(*word), words[2], ns->ref.ino);
	else
		for (char **word = words + 2; *word; word++)
			relate(words[0], words[1], *word);
}

static void add_process(struct process *process, char *words[])
{
	struct identity *identity;

	if (*words && **words == '/') {
		identity = arena_alloc(&model.arena, sizeof(*identity));
		identity_parse(strf("0::%s\n", *words++), &model.arena, identity);
		process->identity = identity;
	}
	for (; *words; words++) {
		struct ns *ns = hand_word_ns(*words);

		process->ino[ns->ref.type] = ns->ref.ino;
		hand_hold(ns, HOLDER_PROCESS, process);
	}
}

static void add_statement(char *words[])
{
	struct process *process = word_process(words[0]);
	enum holder_kind kind;

	if (strchr(words[0], '=')) {
		set_number(words[0]);
	} else if (process) {
		add_process(process, words + 1);
	} else if (strchr(words[0], ':')) {
		add_of_ns(words);
	} else {
		kind = word_kind(words[0]);
		process = word_process(words[1]);
		for (words += process ? 2 : 1; *words; words++)
			hand_hold(hand_word_ns(*words), kind, process);
	}
}

static void build(const char *text, bool (*add)(char *words[]))
{
	char *rest = strf("%s", text), *words[WORDS_MAX];

	for (char *statement; (statement = strsep(&rest, ";"));)
		if (split_words(statement, words) && !(add && add(words)))
			add_statement(words);
}

void hand_build(const char *text)
{
	build(text, NULL);
}

void hand_take_steps(
	const struct hand_steps *steps, const char *const *texts, const char *file, int line)
{
	for (; *texts; texts++) {
		const char *arrow = strstr(*texts, "=> "), *expected = arrow ? arrow + 3 : NULL;
		size_t len = arrow && arrow > *texts ? (size_t)(arrow - *texts) - 1 : 0;
		const char *found;

		if (!arrow) {
			if (steps->take)
				steps->take(*texts);
			else
				build(*texts, steps->add);
			continue;
		}
		model_sort(&model);
		found = steps->find(strf("%.*s", (int)len, *texts), expected);
		if (strcmp(found, expected) != 0) {
			print_error("'%s', not '%s'\n", found, *texts);
			_fail(file, line);
		}
	}
}

struct query hand_query(char *words)
{
	struct query query = { 0 };
	enum nstype type;

	for (char *word; (word = strsep(&words, " "));)
		if (nstype_by_name(word, strlen(word), &type) == 0)
			query.types |= 1u << type;
		else if (!strcmp(word, "persistent"))
			query.persistent = true;
		else if (*word)
			query.kinds |= 1u << word_kind(word);
	query.types = query.types ? query.types : NS_TYPES_ALL;
	return query;
}

static void add_row(const struct row *row, struct strbuf *out)
{
	strbuf_adds(out, out->len ? " " : "");
	if (row->kind == ROW_TYPE)
		strbuf_addf(out, "%s(%zu %zu %zu)", nstype_info[row->type].name, row->count,
			row->nprocs, row->persistent);
	else if (row->kind == ROW_HOLDER)
		strbuf_addf(out, "%s%d", holder_kind_info[row->holder->kind].name,
			row->holder->process ? row->holder->process->pid : 0);
	else
		strbuf_addf(out, "%u", row->ns->ref.ino);
	if (row->parent != ROW_NO_PARENT)
		strbuf_addf(out, "<%zu", row->parent);
}

const char *hand_rows(void)
{
	struct strbuf text = { 0 };

	for (size_t i = 0; i < rows.n; i++)
		add_row(&rows.at[i], &text);
	return strbuf_keep(&text);
}
