// SPDX-License-Identifier: MIT
/* Resolves operands and workloads (--of) to namespaces. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>

/* Prints an error if an entry of /run/netns with this name leads to no namespace. */
static bool print_stale(const struct session *session, const char *text)
{
	const struct model *model = &session->model;

	for (size_t i = 0; i < model->nstale; i++)
		if (!strcmp(model->stale_names[i], text)) {
			message_print(session->err,
				NETNS_DIR "/%s exists, but leads to no network namespace: none is "
					  "mounted on it, or it is a dangling link",
				text);
			return true;
		}
	return false;
}

/* Operands. */

/* Opens no file. Writes only if the text is a number, ":ID" or "type:[inode]". */
static bool operand_parse_number(const char *text, struct operand *operand)
{
	bool is_id = *text == ':'; /* as in nsenter(1) */

	if (number_parse(text + is_id, strlen(text + is_id), UINT64_MAX, &operand->id) < 0)
		return nstype_parse(text, &operand->ref) == 0;
	if (!is_id && operand->id <= UINT32_MAX)
		operand->ref.ino = (uint32_t)operand->id;
	operand->any_type = true;
	return true;
}

int operand_parse(
	const struct kernel *kernel, const char *text, bool ours, struct operand *ret_operand)
{
	char path[sizeof(NETNS_DIR) + 1 + NAME_MAX];
	struct operand operand = { 0 };
	int r = 0, len;

	if (strchr(text, '/')) {
		r = kernel_identify(kernel, AT_FDCWD, text, &operand.ref);
	} else if (!operand_parse_number(text, &operand)) {
		/*
		 * Never resolves a name in the working directory, where others may create files:
		 * the caller may be about to kill the members of the namespace. A name of ours that
		 * is resolved already here saves the scan of other types than net.
		 */
		operand.file_here = access(text, F_OK) == 0;
		len = snprintf(path, sizeof(path), NETNS_DIR "/%s", text);
		operand.any_type = !ours || !*text || len >= (int)sizeof(path) ||
				   kernel_identify(kernel, AT_FDCWD, path, &operand.ref) != 0;
		operand.name = operand.any_type ? text : NULL;
	}
	if (r == 0)
		*ret_operand = operand;
	return r;
}

static void parse_word(const void *data, size_t i, void *item)
{
	const struct session *session = data;
	struct operand *operand = item;

	operand->error = operand_parse(&session->kernel.kernel, session->options->namespaces[i],
		session->procfs.ours, operand);
}

static int check_type(const struct session *session, const char *text, enum nstype type)
{
	unsigned types = session->options->types;
	CLEANUP(strbuf_done) struct strbuf wanted = { 0 };

	if (!types || types & 1u << type)
		return 0;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t)
			strbuf_addf(&wanted, "%s%s", wanted.len ? " or " : "", nstype_info[t].name);
	return message_fail(session->err, -EINVAL, "namespace %s is of type %s, not %s", text,
		nstype_info[type].name, strbuf_text(&wanted));
}

int resolve_parse(struct session *session)
{
	const struct options *options = session->options;
	size_t n = options->nnamespaces, done = 0, len = strlen(options->procfs), digits;
	struct operand *operands = memory_alloc(n, sizeof(*operands));
	uint64_t pid;
	int r = 0;

	session->operands = operands;
	while (done < n && operand_parse_number(options->namespaces[done], &operands[done]))
		done++;
	/* Words that may be paths are parsed in a child process, as many as it can in time. */
	if (done < n)
		done = child_run(
			parse_word, session, operands, n, sizeof(*operands), options->timeout_ms);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const char *text = options->namespaces[i];
		const struct operand *operand = &operands[i];

		if (i >= done)
			return message_fail(session->err, -ETIMEDOUT, "timed out reading %s", text);
		if (!operand->error) {
			r = operand->any_type ? 0 : check_type(session, text, operand->ref.type);
			continue;
		}
		if (operand->error != -ENOTTY)
			return message_fail(session->err, operand->error, "%s: %s", text,
				strerror(-operand->error));
		/* The directory of a process in the procfs, such as /proc/1 or /proc/1/. */
		if (!strncmp(text, options->procfs, len) && text[len] == '/') {
			digits = strcspn(text + len + 1, "/");
			if ((!text[len + 1 + digits] || !text[len + 2 + digits]) &&
				number_parse(text + len + 1, digits, INT_MAX, &pid) == 0)
				return message_fail(session->err, -ENOTTY,
					"%s: not a namespace; pass '--task %d' for those of this "
					"process",
					text, (int)pid);
		}
		return message_fail(session->err, -ENOTTY,
			"%s: not a namespace; pass an inode number, type:[inode] or the path of a "
			"namespace file",
			text);
	}
	return r;
}

void operand_find(const struct model *model, const struct operand *operand, uint32_t names_mnt,
	bool identities, struct rows *rows)
{
	const struct ns *ns;

	if (operand->name) {
		namespaces_find(model, names_mnt, operand->name, identities, rows);
		return;
	}
	ns = operand->any_type ? model_find_inode(model, operand->ref.ino)
			       : model_find(model, operand->ref);
	for (size_t i = 0; operand->id && (!ns || !ns->first) && i < model->n; i++)
		if (model->at[i]->id == operand->id)
			ns = model->at[i];
	if (ns && ns->first)
		rows_add_ns(rows, ns);
}

/* Prints which argument or option the operand may have been meant for. */
static int no_namespace(
	const struct session *session, const char *text, const struct operand *operand)
{
	const struct workload_name name = { .text = text };
	CLEANUP(strbuf_done) struct strbuf hint = { 0 };
	CLEANUP_FD int process = -1;
	int type = args_find_type(text, strlen(text));
	enum runtime runtime = RUNTIME_UNKNOWN + 1;
	struct workloads workloads;

	if (!operand->name) {
		if (operand->any_type && operand->ref.ino && operand->ref.ino <= INT_MAX)
			process = procfs_open_process(&session->procfs, (pid_t)operand->ref.ino);
		if (process < 0)
			return message_fail(session->err, -ENOENT, "no namespace %s%s", text,
				session_caveat(session, true));
		return message_fail(session->err, -ENOENT,
			"no namespace %s; pass '--task %s' for those of process %s", text, text,
			text);
	}
	if (print_stale(session, text))
		return -ENOENT;
	workloads_find(&session->model, session->names_mnt, &name, &workloads);
	while (runtime < RUNTIME_COUNT && strcmp(runtime_names[runtime], text) != 0)
		runtime++;
	if (type >= 0) {
		strbuf_addf(&hint, "'--type %s' for all namespaces of that type",
			nstype_info[type].name);
	} else if (workloads.n) {
		strbuf_addf(&hint, "'--of %s' for the namespaces of ", text);
		workload_describe(&workloads.at[0], &hint);
	} else if (runtime < RUNTIME_COUNT) {
		strbuf_adds(&hint, "'--containers' to list containers, and '--of NAME' for one");
	} else if (operand->file_here) {
		strbuf_addf(&hint, "'./%s' for the file in the working directory", text);
	} else {
		strbuf_adds(&hint, "an inode number, type:[inode], :ID, a path with a slash, or a "
				   "name");
	}
	return message_fail(session->err, -ENOENT, "no namespace is named '%s'%s; pass %s", text,
		session_caveat(session, false), hint.text);
}

/* Adds the namespaces of the types selected; an error if none of them has such a type. */
static int find_operands(struct session *session)
{
	const struct options *options = session->options;
	bool identities = false;
	int result = 0;

	for (size_t i = 0; i < options->nnamespaces; i++) {
		const struct operand *operand = &session->operands[i];
		CLEANUP(rows_done) struct rows rows = { 0 };
		bool matches = false;
		int r = 0;

		operand_find(&session->model, operand, session->names_mnt, identities, &rows);
		/* What is neither an inode nor a name of ip-netns(8) may name a workload. */
		if (operand->name && !rows.n && !identities) {
			identities = true;
			r = session_enrich(session, NEED_IDENTITY | NEED_GIVEN_NAMES, NULL);
			operand_find(&session->model, operand, session->names_mnt, true, &rows);
		}
		if (r < 0)
			return r;
		for (size_t k = 0; k < rows.n; k++) {
			struct ns_ref ref = rows.at[k].ns->ref;

			if (options->types && !(options->types & 1u << ref.type))
				continue;
			u64map_add(&session->named, ns_ref_key(ref));
			matches = true;
		}
		if (!rows.n)
			result = no_namespace(session, options->namespaces[i], operand);
		else if (!matches)
			result = check_type(session, options->namespaces[i], rows.at[0].type);
	}
	return result;
}

/* Workloads (--of). */

static int no_workload(const struct session *session, const char *text)
{
	CLEANUP(strbuf_done) struct strbuf hint = { 0 };
	uint64_t pid;

	if (print_stale(session, text))
		return -ENOENT;
	if (number_parse(text, strlen(text), INT_MAX, &pid) == 0 &&
		model_find_process(&session->model, (pid_t)pid))
		strbuf_addf(
			&hint, "; pass '--task %s' for the namespaces of process %s", text, text);
	return message_fail(session->err, -ENOENT,
		"no container, pod, machine, application, unit or network namespace '%s'%s%s", text,
		session_caveat(session, true), strbuf_text(&hint));
}

static int ambiguous(
	const struct session *session, const char *text, const struct workloads *workloads)
{
	char ns[NSTYPE_TEXT_MAX];
	CLEANUP(strbuf_done) struct strbuf names = { 0 };

	for (size_t i = 0; i < workloads->n; i++) {
		const struct workload *workload = &workloads->at[i];
		const struct identity *identity = workload->identity;
		bool named = workload->kind == WORKLOAD_CONTAINER || workload->kind == WORKLOAD_POD;
		const char *id = named ? workload_text(workload->kind, identity) : NULL;

		strbuf_adds(&names, i ? ", " : "");
		workload_describe(workload, &names);
		if (workload->ns)
			strbuf_addf(&names, " (%s)", nstype_format(workload->ns->ref, ns));
		/* Several may have the same name. */
		if (named && (identity->given || identity->pod_name))
			strbuf_addf(&names, " (%.*s)", identity_short(id), id);
	}
	return message_fail(session->err, -ENOENT, "'%s' is ambiguous: %s%s", text,
		strbuf_text(&names), workloads->more ? " and others" : "");
}

/* Leaves out namespaces that are shared with the host, unless --type selects them. */
static void add_workload(struct session *session, const char *text, const struct workload *workload)
{
	const struct options *options = session->options;
	const struct model *model = &session->model;
	struct u64map *only = &session->only;
	bool shares_all = !workload->ns;
	uint32_t host[NS_TYPE_COUNT];

	model_host(model, host);
	if (workload->ns)
		u64map_add(only, ns_ref_key(workload->ns->ref));
	for (size_t i = 0; i < model->nprocesses; i++) {
		const struct process *process = model->processes[i];

		if (!workload_has(workload, process))
			continue;
		u64map_add(&session->chosen, (uint64_t)process->pid);
		/* The name of a network namespace is not that of others of its members. */
		for (enum nstype t = 0; workload->kind != WORKLOAD_NETNS && t < NS_TYPE_COUNT;
			t++) {
			uint32_t ino = process->ino[t];

			if (!ino || (options->types ? !(options->types & 1u << t) : ino == host[t]))
				continue;
			u64map_add(only, ns_ref_key((struct ns_ref){ t, ino }));
			shares_all = false;
		}
	}
	if (shares_all && !options->monitor_ms && !options->quiet && !options->no_warnings)
		message_print(session->err,
			"note: '%s' shares all its namespaces with the host; pass '--type TYPE' to "
			"see these",
			text);
}

static int find_workload(struct session *session, const char *text)
{
	struct workload_name name = { .text = text };
	const char *slash = strchr(text, '/');
	struct workloads found, inside;

	workloads_find(&session->model, session->names_mnt, &name, &found);
	/*
	 * "USER/NAME" (or UID), or "CONTAINER/UNIT". A user can name a pod "1001/x.service", like a
	 * unit of another user.
	 */
	if (slash && (!found.n || found.at[0].identity->has_user)) {
		char *in = memory_copy(text);
		const struct passwd *user;
		uint64_t uid = 0;

		in[slash - text] = '\0';
		errno = 0;
		user = getpwnam(in);
		if (!user)
			report_user_error(&session->report, errno);
		name = (struct workload_name){ .text = slash + 1, .in = in };
		name.has_user = user || !strcmp(in, "0") ||
				number_parse(in, strlen(in), UINT32_MAX, &uid) == 0;
		name.user = user ? user->pw_uid : (uid_t)uid;
		workloads_find(&session->model, session->names_mnt, &name, &inside);
		free(in);
		found = inside.n ? inside : found;
	}
	if (!session->options->monitor_ms && !found.n)
		return no_workload(session, text);
	if (!session->options->monitor_ms && (found.more || found.n > 1))
		return ambiguous(session, text, &found);
	for (size_t i = 0; i < found.n; i++)
		add_workload(session, text, &found.at[i]);
	return 0;
}

int resolve_find(struct session *session)
{
	const struct options *options = session->options;
	const struct model *model = &session->model;
	int r = session->named.used ? 0 : find_operands(session);

	if (r == 0 && options->nof)
		r = session_enrich(session, NEED_IDENTITY | NEED_GIVEN_NAMES, NULL);
	if (r < 0)
		return r;
	/* Chooses the processes of --task, and the members of namespaces of operands. */
	for (size_t i = 0; i < options->nprocesses; i++)
		u64map_add(&session->chosen, (uint64_t)options->processes[i]);
	for (size_t i = 0; i < model->n; i++) {
		uint64_t key = ns_ref_key(model->at[i]->ref);

		if (!u64map_get(&session->named, key))
			continue;
		u64map_add(&session->only, key);
		for (const struct holder *h = model->at[i]->first; h; h = h->next)
			if (options->nnamespaces && holder_is_member(h))
				u64map_add(&session->chosen, (uint64_t)h->process->pid);
	}
	for (size_t i = 0; i < options->nof; i++) {
		int error = find_workload(session, options->of[i]);

		r = error < 0 ? error : r;
	}
	return r;
}
