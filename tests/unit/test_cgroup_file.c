// SPDX-License-Identifier: MIT
/* Which line of a cgroup file counts, and files that nobody means well with. */
#include "nsls/kernel/cgroup_file.h"

#include "identity_fixture.h"

#include "nsls/kernel/procfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Which line counts */

static void the_unified_path_counts_where_it_leads_below_the_root(void **state)
{
	(void)state;
	assert_string_equal(parse("5:memory:/long/long/path\n1:name=systemd:/a.service\n"
				  "0::/b.service\n")
				    .cgroup,
		"/b.service");
	assert_string_equal(
		parse("5:memory:/long/long/path\n1:name=systemd:/a.service\n0::/\n").cgroup,
		"/a.service");
	assert_string_equal(parse("5:memory:/long/long/path\n1:name=systemd:/\n0::/\n").cgroup,
		"/long/long/path");
	assert_string_equal(parse("5:memory:/\n1:name=systemd:/\n0::/\n").cgroup, "/");
}

static void a_unified_container_counts_before_another(void **state)
{
	(void)state;
	assert_string_equal(parse("5:memory:/docker/" ID_A "/longer\n1:name=systemd:/docker/" ID_A
				  "\n0::/docker/" ID_B "\n")
				    .container,
		ID_B);
	assert_string_equal(
		parse("5:memory:/docker/" ID_A "/longer\n1:name=systemd:/docker/" ID_B "\n")
			.container,
		ID_B);
}

static void the_longest_path_counts_where_no_better_is_known(void **state)
{
	(void)state;
	assert_string_equal(parse("3:cpu:/a\n2:memory:/longer\n1:pids:/b\n").cgroup, "/longer");
	assert_string_equal(parse("3:name=elogind:/c1\n2:memory:/\n").cgroup, "/c1");
}

/* As Docker's are, where both versions are mounted: moby and containerd before 1.5. */
static void a_container_of_version_1_is_found_beside_a_unified_service(void **state)
{
	struct identity identity = parse("5:memory:/docker/" ID_A "\n1:name=systemd:/docker/" ID_A
					 "\n0::/system.slice/containerd.service\n");

	(void)state;
	assert_string_equal(identity.container, ID_A);
	assert_string_equal(identity.cgroup, "/docker/" ID_A);
	assert_null(identity.unit);
}

static void a_colon_belongs_to_the_path(void **state)
{
	struct identity identity = identify("/a:b/system.slice:docker:" ID_A);

	(void)state;
	assert_string_equal(identity.cgroup, "/a:b/system.slice:docker:" ID_A);
	assert_null(identity.container);
}

/* Files that nobody means well with */

static void a_file_without_a_path_tells_nothing(void **state)
{
	static const char *const files[] = { "", "\n", "0", "0\n", "0:\n", "0::\n", ":\n", "::\n",
		":::\n", "0:x\n", "0::x\n", "0::../x.service\n", "x.service\n", "\n\n\n",
		"0::/docker/" ID_A, "1:name=systemd\n", "0:name=systemd:\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct identity identity = parse(files[i]);

		assert_tells_nothing(&identity);
		assert_text("path", files[i], identity.cgroup, NULL);
	}
}

static void the_root_has_a_path_and_no_name(void **state)
{
	struct identity identity = identify("/");

	(void)state;
	assert_string_equal(identity.cgroup, "/");
	assert_tells_nothing(&identity);
	identity = identify("/..");
	assert_string_equal(identity.cgroup, "/..");
	assert_tells_nothing(&identity);
	identity = identify("/../../../");
	assert_tells_nothing(&identity);
	identity = identify("//");
	assert_tells_nothing(&identity);
}

/* Cut where a reader's bound was reached, 65 digits would look like 64. */
static void a_line_without_its_end_is_left_out(void **state)
{
	struct identity identity = parse("1:name=systemd:/a.service\n0::/docker/" ID_A);

	(void)state;
	assert_string_equal(identity.cgroup, "/a.service");
	assert_null(identity.container);
}

/* The kernel lets nobody make such a name (mkdir(2) says EINVAL); a plain directory may have it. */
static void a_newline_ends_a_path_and_starts_nothing(void **state)
{
	struct identity identity = parse("0::/evil\ndocker/" ID_A "\n");

	(void)state;
	assert_string_equal(identity.cgroup, "/evil");
	assert_tells_nothing(&identity);
}

static void bytes_of_a_path_stay_as_they_are(void **state)
{
	struct identity identity = identify("/esc\x1b[31m\\x2d\xff/a.service");

	(void)state;
	assert_string_equal(identity.cgroup, "/esc\x1b[31m\\x2d\xff/a.service");
	assert_string_equal(identity.unit, "a.service");
	identity = identify("/k8s.io/\x1b]0;x\x07");
	assert_string_equal(identity.container, "\x1b]0;x\x07");
	assert_string_equal(identity.name, "containerd \x1b]0;x\x07");
}

static void a_nul_ends_the_file(void **state)
{
	static const char bytes[] = "1:name=systemd:/a.service\n0::/docker\0/" ID_A "\n";
	struct identity identity = parse_bytes(bytes, sizeof(bytes) - 1);

	(void)state;
	assert_string_equal(identity.cgroup, "/a.service");
}

static void dots_in_a_path_lead_nowhere(void **state)
{
	struct identity identity = identify("/docker/../" ID_A "/../x.service/..");

	(void)state;
	assert_string_equal(identity.container, ID_A);
	assert_int_equal(identity.runtime, RUNTIME_UNKNOWN);
	assert_string_equal(identity.unit, "x.service");
}

/* Documentation/admin-guide/cgroup-v2.rst: of a zombie whose group was removed since. */
static void a_zombies_group_may_be_gone(void **state)
{
	struct identity identity = identify("/system.slice/docker-" ID_A ".scope (deleted)");

	(void)state;
	assert_string_equal(identity.cgroup, "/system.slice/docker-" ID_A ".scope (deleted)");
	assert_string_equal(identity.container, ID_A);
	assert_string_equal(identity.unit, "docker-" ID_A ".scope");
	identity = identify("/ (deleted)");
	assert_tells_nothing(&identity);
}

/* The kernel writes paths of up to 4 KiB, PATH_MAX; a plain directory's file may be longer. */
static void a_long_path_is_read_to_its_end(void **state)
{
	struct identity identity;
	struct strbuf path;

	(void)state;
	strbuf_init(&path);
	for (int i = 0; i < 2000; i++)
		strbuf_adds(&path, "/x");
	strbuf_adds(&path, "/docker-" ID_A ".scope");
	identity = identify(strbuf_text(&path));
	assert_string_equal(identity.cgroup, strbuf_text(&path));
	assert_string_equal(identity.container, ID_A);
	strbuf_done(&path);
}

/* NAME_MAX is 255. */
static void a_name_longer_than_any_group_has_tells_nothing(void **state)
{
	char name[4096], path[4200];
	struct identity identity;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	snprintf(path, sizeof(path), "/k8s.io/%s", name);
	identity = identify(path);
	assert_tells_nothing(&identity);
	snprintf(path, sizeof(path), "/%s.service", name);
	identity = identify(path);
	assert_tells_nothing(&identity);
}

/* The reader */

static void the_file_is_read_as_it_is(void **state)
{
	struct identity identity;
	struct strbuf text;
	struct world world;

	(void)state;
	world_new(&world);
	strbuf_init(&text);
	assert_int_equal(cgroup_file_read(world.fd, &text), -ENOENT);
	world_file(&world, "cgroup", "0::/a\xff.service\n0::/docker/" ID_A "\n");
	assert_int_equal(cgroup_file_read(world.fd, &text), 0);
	identity = parse_bytes(strbuf_text(&text), text.len);
	assert_string_equal(identity.container, ID_A);
	strbuf_done(&text);
	world_done(&world);
}

/* Our own file has whatever this system has; it is read without trouble all the same. */
static void our_own_file_is_read(void **state)
{
	struct identity identity;
	struct procfs procfs;
	struct strbuf text;
	int fd;

	(void)state;
	strbuf_init(&text);
	assert_int_equal(procfs_open("/proc", &procfs), 0);
	fd = procfs_open_task(&procfs, procfs.self);
	assert_true(fd >= 0);
	assert_int_equal(cgroup_file_read(fd, &text), 0);
	identity = parse_bytes(strbuf_text(&text), text.len);
	assert_non_null(identity.cgroup);
	assert_int_equal(identity.cgroup[0], '/');
	close(fd);
	procfs_close(&procfs);
	strbuf_done(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, identity_set_up, identity_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_unified_path_counts_where_it_leads_below_the_root),
		TEST(a_unified_container_counts_before_another),
		TEST(the_longest_path_counts_where_no_better_is_known),
		TEST(a_container_of_version_1_is_found_beside_a_unified_service),
		TEST(a_colon_belongs_to_the_path),
		TEST(a_file_without_a_path_tells_nothing),
		TEST(the_root_has_a_path_and_no_name),
		TEST(a_line_without_its_end_is_left_out),
		TEST(a_newline_ends_a_path_and_starts_nothing),
		TEST(bytes_of_a_path_stay_as_they_are),
		TEST(a_nul_ends_the_file),
		TEST(dots_in_a_path_lead_nowhere),
		TEST(a_zombies_group_may_be_gone),
		TEST(a_long_path_is_read_to_its_end),
		TEST(a_name_longer_than_any_group_has_tells_nothing),
		TEST(the_file_is_read_as_it_is),
		TEST(our_own_file_is_read),
	};

	return cmocka_run_group_tests_name("cgroup_file", tests, NULL, NULL);
}
