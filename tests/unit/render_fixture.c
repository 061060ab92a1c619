// SPDX-License-Identifier: MIT
#include "render_fixture.h"

#include <locale.h>

struct view view;
struct render_options options;
char *text;

int render_set_up(void **state)
{
	hand_set_up(state);
	view = (struct view){ .model = &model, .report = &report, .procfs_path = "/proc" };
	options = (struct render_options){ .name = "namespaces" };
	setlocale(LC_ALL, "C.UTF-8");
	return 0;
}

int render_tear_down(void **state)
{
	view_done(&view);
	return hand_tear_down(state);
}

struct process *add_member(struct ns *ns, pid_t pid, const char *command)
{
	struct process *process = model_find_process(&model, pid);
	struct holder holder = { .kind = HOLDER_PROCESS, .tid = pid };

	if (!process)
		process = model_add_process(&model, pid);
	process->command = command;
	holder.process = process;
	model_hold(&model, ns, &holder);
	return process;
}

void add_mount(struct ns *ns, const char *path)
{
	model.our_mnt = 7;
	hand_mount(ns, path, 7);
}

void usage(const char *names)
{
	options.ncolumns = 0;
	for (size_t len; *names; names += len + (names[len] == ',')) {
		len = strcspn(names, ",");
		options.columns[options.ncolumns] = column_by_name(names, len);
		assert_non_null(options.columns[options.ncolumns++]);
	}
}

void cells(const char *names)
{
	usage(names);
	options.noheadings = true;
}

const char *render_as(format_function *format)
{
	FILE *out = test_stream();

	format(&view, &rows, &options, out);
	text = test_stream_close(out);
	return text;
}

const char *render(format_function *format)
{
	struct query query = { .types = NS_TYPES_ALL };

	rows_done(&rows);
	query_rows(&model, &query, ROW_NS, &rows);
	if (options.tree)
		tree_arrange(&model, TREE_TYPE, &rows);
	return render_as(format);
}

const char *render_json(void)
{
	render(format_json);
	assert_int_equal(*text, '{');
	keep_json(text);
	return text;
}

const char *render_squeezed(void)
{
	render(format_table);
	return squeeze(text);
}

void show(const char *step)
{
	char *rest = strf("%s", step), *first = strsep(&rest, " "), *second = strsep(&rest, " ");

	if (!strcmp(first, "usage"))
		usage(second);
	else if (!strcmp(first, "cells"))
		cells(second);
	else if (!strcmp(first, "mount"))
		add_mount(hand_word_ns(second), rest);
	else
		add_member(hand_word_ns(second), atoi(first), rest);
}
