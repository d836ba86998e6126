# A system call fails while a message goes through a filter, in the session, in the process
# that becomes the filter, or in the filter itself; or the session is killed there.  Then the
# message was not taken, and nothing of it is anywhere; or it is there, as the reply said.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use Filter;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @messages = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 300 } 1, 2;
my ($start, @accounts) = accounts_root(2, 1);

# The sessions have this filter.
sub through {
	my ($filter, @before) = @_;
	return [ @before, '/bin/sh', '-c', 'exec "$@" -f "$0"', $filter ];
}

# Each of these calls fails once.  Where it is a call of the filter's, that is for the filter to
# say.  Returns how many messages were not taken.
sub fail_at {
	my ($filter, $fault, @calls) = @_;
	my $refused = 0;
	my $faults = each_fault(
		root => $start, calls => \@calls, fault => "error=$fault",
		session => sub {
			my ($root, @before) = @_;
			return [ send_messages($root, through($filter, @before), \@accounts, @messages) ];
		},
		judge => sub {
			my ($root, $name, $final) = @_;
			judge_delivery($root, \@accounts, \@messages, $final, stale => scalar($name =~ /unlink/)); ## smtp-stdio-filter smtp-stdio-store-c
			my @bad = grep { !/^250 / } @$final;
			return if grep { $_ eq '' } @bad;       # the connection itself failed
			return unless @bad;
			$refused++;
			like($_, qr/^4[25][12] 4\.3\.[01] /, 'the client is to come again') for @bad; ## smtp-stdio-filter
		});
	cmp_ok($faults, '>=', scalar @calls, "$filter: $faults calls failed, $refused times a message was refused for it");
	return $refused;
}

# cat: the message is replaced by itself.
cmp_ok(fail_at('cat', 'EIO', qw(write fsync linkat renameat2 pread64 lseek)), '>', 4, 'reading and writing'); ## smtp-stdio-filter
cmp_ok(fail_at('cat', 'EMFILE', qw(openat fcntl dup2)), '>', 4, 'descriptors'); ## smtp-stdio-filter
cmp_ok(fail_at('cat', 'EAGAIN', 'clone,?fork,?vfork,?clone3', qw(execve prlimit64)), '>', 1, 'processes'); ## smtp-stdio-filter
cmp_ok(fail_at('cat', 'ECHILD', 'wait4'), '>', 0, 'the wait for its end'); ## smtp-stdio-filter
cmp_ok(fail_at('true', 'EIO', qw(fsync linkat renameat2 unlinkat)), '>', 1, 'around a filter that changes nothing'); ## smtp-stdio-filter
cmp_ok(fail_at('cat', 'ENOSPC', qw(write fsync linkat renameat2)), '>', 4, 'a disk that is full'); ## smtp-stdio-filter

# Killed at the same places.
my $kills = each_fault(
	root => $start, calls => [qw(fsync linkat renameat2 unlinkat wait4), 'clone,?fork,?vfork,?clone3'], fault => 'signal=KILL',
	session => sub {
		my ($root, @before) = @_;
		return [ send_messages($root, through('cat', @before), \@accounts, $messages[0]) ];
	},
	judge => sub {
		my ($root, $name, $final) = @_;
		my @files = grep { m{^mail/\.incoming/.} } entries($root);
		system 'rm', '-rf', "$root/mail/.incoming";
		judge_delivery($root, \@accounts, [ $messages[0] ], $final); ## smtp-stdio-filter smtp-stdio-store-c
		cmp_ok(scalar @files, '<=', 5, 'what was being worked on is left over, at most');
	});
cmp_ok($kills, '>', 5, "killed $kills times");
done_testing();
