/* SPDX-License-Identifier: MIT */
/*
 * What the arguments of options may be. Each function puts one into *options and returns 0, or
 * -EINVAL after a line on err that names it and says what would be right. arg is NULL only where
 * it may be left out.
 */
#ifndef NSLS_ARGS_H
#define NSLS_ARGS_H

#include "nsls/cli/options.h"

int args_types(struct options *options, const char *arg, FILE *err);
int args_kinds(struct options *options, const char *arg, FILE *err);
int args_sources(struct options *options, const char *arg, FILE *err);
int args_task(struct options *options, const char *arg, FILE *err);
int args_of(struct options *options, const char *arg, FILE *err);
int args_tree(struct options *options, const char *arg, FILE *err);
int args_by(struct options *options, const char *arg, FILE *err);
int args_color(struct options *options, const char *arg, FILE *err);
int args_output(struct options *options, const char *arg, FILE *err);
int args_filter(struct options *options, const char *arg, FILE *err);
int args_check(struct options *options, const char *arg, FILE *err);
int args_warning(struct options *options, const char *arg, FILE *err);
int args_critical(struct options *options, const char *arg, FILE *err);
int args_complete(struct options *options, const char *arg, FILE *err);
int args_procfs(struct options *options, const char *arg, FILE *err);
int args_jobs(struct options *options, const char *arg, FILE *err);
int args_metrics(struct options *options, const char *arg, FILE *err);
int args_monitor(struct options *options, const char *arg, FILE *err);
int args_timeout(struct options *options, const char *arg, FILE *err);

/* Whether a word that follows the option is meant as its argument, which may be left out. */
bool args_is_tree(const char *word);
bool args_is_color(const char *word);

#endif
