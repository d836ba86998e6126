#!/usr/bin/perl
# mailstore check, check -r and queue, while mail is put into the queue and is sent from it by
# two runs at a time: nothing that these do is called wrong or taken away, nothing is lost,
# and nothing is sent twice.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages program);
use POSIX ();
use StoreTest;
use Test::More;
use Time::HiRes qw(time);

my ($here, $there) = ('carl@example.com', 'carl@example.org');
my ($root, $far) = (new_root(), new_root());
add($root, $here);
add($far, $there);
is((mailstore($root, '', 'forward', $here, $there))[0], 0, 'an account elsewhere');

my ($senders, $each) = (8, 6);
my %working;
sub work {
	my ($code) = @_;
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	POSIX::_exit($code->() ? 0 : 1) if !$pid;
	$working{$pid} = 1;
}

sub send_queue {
	my ($output, $status) = MailRoot::run('', [ program('smtp-send'), '-q', '-d', $root, '--',
	    program('smtp-stdio'), '-d', $far ], limit => 60);
	return $status;
}

for my $sender (1 .. $senders) {
	work(sub {
		my @texts = map { "Subject: $sender.$_\n\n" . "body $sender.$_\n" x 50 } 1 .. $each;
		my @final = eval { send_messages($root, [], [$here], @texts) };
		return @final == $each && !grep { !/^250 / } @final;
	});
}
for (1, 2) {
	work(sub {
		my $deadline = time + 60;
		my $sent = 0;
		while (time < $deadline && ($sent = messages($far, $there)) < $senders * $each) {
			return 0 if send_queue() ne '0';
		}
		return 1;
	});
}
my ($wrong, $checks, $failed, $deadline) = ('', 0, 0, time + 90);
my @commands = (['check'], [ 'check', '-r' ], ['queue'], [ 'queue', '-j' ], [ 'queue', '-n' ]);
while (%working && time < $deadline) {
	my $command = $commands[$checks++ % @commands];
	my ($got, $found, $errors) = mailstore($root, '', @$command);
	$errors =~ s/^mailstore: running as root.*\n//;
	$wrong .= "@$command: $got: $found$errors" if $got ne '0' || $errors ne '' || ($found ne '' && $command->[0] eq 'check');
	for (keys %working) {
		next if waitpid($_, POSIX::WNOHANG()) <= 0;
		$failed++ if $?;
		delete $working{$_};
	}
}
kill 'KILL', keys %working;
is($wrong, '', "nothing is found by $checks commands");
is($failed + keys %working, 0, 'every message is taken, and every run ends well');
is(send_queue(), 0, 'one more run');
is((mailstore($root, '', 'queue'))[1], '', 'leaves nothing');
my @subjects = sort map { octets_of($_) =~ /^Subject: (\d+\.\d+)$/m } messages($far, $there);
is("@subjects", join(' ', sort map { my $sender = $_; map { "$sender.$_" } 1 .. $each } 1 .. $senders), 'each is there once');
is(join('', map { my $part = $_; grep { -f } glob "$root/$part/*" } 'outgoing/message', 'outgoing/envelope', 'mail/.incoming'), '',
    'and nothing is left over');
for ($root, $far) {
	my ($status, $found) = mailstore($_, '', 'check');
	is("$status $found", '0 ', 'in the end nothing is found');
}
done_testing();
