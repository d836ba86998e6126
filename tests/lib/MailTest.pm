# What tests in Perl share: Test::More, Program and MailRoot under one name, and
# what is below.  A test begins with
#
#	use strict;
#	use warnings;
#	use lib 'tests/lib';
#	use MailTest;
package MailTest;

use strict;
use warnings;
use Exporter qw(import);
use MailRoot;
use Program;
use Socket qw(AF_INET INADDR_LOOPBACK SOCK_STREAM pack_sockaddr_in unpack_sockaddr_in);
use Test::More;
use Time::HiRes qw(time);

our @EXPORT = (@MailRoot::EXPORT_OK, @Test::More::EXPORT, qw(need need_root need_plain_build
	new_root start with_errors wait_until free_port can_connect new_file));

MailRoot->import(@MailRoot::EXPORT_OK);
binmode $_, ':utf8' for map { Test::More->builder->$_ } qw(output failure_output todo_output);

my @directories;
END { remove_directory($_) for @directories }
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP PIPE);         # so that END runs

# Leaves the test out, and says so, where a program is not installed; with STRICT=1
# in the environment that is a failure.  Returns the program's path.
sub need {
	my ($program, $package) = @_;
	for my $directory (split(/:/, $ENV{PATH}), '/usr/sbin', '/sbin') {
		return "$directory/$program" if -f "$directory/$program" && -x _;
	}
	leave_out("needs $program (Debian package $package)");
}

sub need_root {
	leave_out('needs to be run by root') if $> != 0;
}

sub leave_out {
	my ($why) = @_;
	plan skip_all => $why unless $ENV{STRICT};
	plan tests => 1;
	fail($why);
	exit 1;
}

# For tests that measure: a sanitizer's or a profiler's own work would be measured too.
# That is no skip that STRICT minds.
sub need_plain_build {
	my $symbols = contents(program('smtp-stdio'));
	return if $symbols !~ /__(?:asan|ubsan|tsan|msan|gcov)_/;
	plan tests => 1;
	pass('for the plain build: there is nothing to see in this one');
	exit 0;
}

# A mail root with these accounts (ADDRESS or [ADDRESS, PASSWORD]), gone with the test.
sub new_root {
	my @accounts = @_;
	push @directories, new_directory();
	my $root = "$directories[-1]/root";
	add_account($root, ref $_ ? @$_ : $_) for @accounts;
	return $root;
}

# A path for a file of this test, gone with it.
sub new_file {
	my ($name) = @_;
	push @directories, new_directory();
	return "$directories[-1]/$name";
}

# Starts a program of this build on a mail root: start('smtp-stdio', $root, ['-t', 1],
# wire => 'socket').  Returns a Program.
sub start {
	my ($name, $root, $flags, %with) = @_;
	return Program->start(command => [ program($name), '-d', $root, @{$flags || []} ], %with);
}

# Runs a program to its end.  Returns output, status, and what it said on standard error.
sub with_errors {
	my ($input, $command, %with) = @_;
	my $errors = new_file('errors');
	my ($output, $status) = run($input, $command, errors => $errors, %with);
	return ($output, $status, contents($errors));
}

# Waits until something is true, and returns it; false when time has run out.
sub wait_until(&;$) {
	my ($true, $seconds) = @_;
	my $deadline = time + ($seconds || 20);
	while (time < $deadline) {
		my $result = $true->();
		return $result if $result;
		select undef, undef, undef, 0.02;
	}
	return 0;
}

# A TCP port of the loopback address that nobody listens on.
sub free_port {
	socket my $socket, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
	bind $socket, pack_sockaddr_in(0, INADDR_LOOPBACK) or die "bind: $!\n";
	my ($port) = unpack_sockaddr_in(getsockname $socket);
	return $port;
}

# Whether somebody listens on this port of the loopback address.
sub can_connect {
	my ($port) = @_;
	socket my $socket, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
	return connect $socket, pack_sockaddr_in($port, INADDR_LOOPBACK);
}

1;
