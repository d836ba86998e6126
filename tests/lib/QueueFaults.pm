# A run of smtp-send -q that meets a fault, and what must hold after the runs behind it, in
# which nothing fails: each recipient has the message, each failure is reported, and nothing
# is twice but what was in hand.
package QueueFaults;

use strict;
use warnings;
use Exporter qw(import);
use FaultTest;
use MailRoot qw(messages program run);
use QueueTest;
use StoreTest;
use Test::More;

our @EXPORT = qw(try_failing_calls_of_queue try_kills_of_queue);

my ($bob, $carol, $alice) = ('bob@example.com', 'carol@example.com', 'alice@example.org');

# Messages for three, of whom one is unknown and one has to wait; for one whose sender wants
# to know of it, over a server that makes no reports; and, where so many are wanted, for one.
my $messages = 3;
sub queue_root {
	my $root = StoreTest::new_root();
	add($root, $alice);
	enqueue($root, to => [ $bob ], message => letter('one'), arrived => 30) if $messages == 3;
	enqueue($root, to => [ $bob, 'nobody@example.com', $carol ], message => letter('three'), arrived => 20);
	enqueue($root, to => [ "$bob NOTIFY=SUCCESS" ], message => letter('asked'), arrived => 10);
	return $root;
}

sub run_it {
	my ($root, $before, $flags, @rules) = @_;
	my @server = smarthost("$root.far", '-X', 'DSN', map { ('-x', $_) } @rules);
	splice @server, 2, 0, '-u', 'FAULT_LOG';        # it is not the one whose calls fail
	my (undef, $status) = run('', [ @$before, program('smtp-send'), '-q', '-d', $root, '-h', 'mail.example.org', '-T', 10, @$flags,
	    @server ], limit => 60);
	return $status;
}

# The run with the fault.
sub session {
	my ($flags, $root, @before) = @_;
	my $far = "$root.far";
	mkdir $far, 0700 or die "$far: $!\n";
	StoreTest::put($far, "accounts/example.com/$_/.keep", '') for 'bob', 'carol';
	return run_it($root, \@before, $flags, "RCPT/@{[ $messages + 1 ]}=451 4.7.1 Later");
}

# How often each message is in a mailbox, by its subject, and each report.
sub counted {
	my ($root, $account) = @_;
	my %times;
	for (map { octets_of($_) } messages($root, $account)) {
		if (/^Content-Type: multipart\/report/m) {
			$times{join ' ', 'report', /^Action: (\w+)$/mg}++;
			next;
		}
		my ($subject) = /^Subject: (\S+)$/m;
		$times{defined $subject && /\n\Q@{[ letter($subject) ]}\E\z/ ? $subject : 'no whole message'}++;
	}
	return \%times;
}

sub judge {
	my ($root, $name, $status) = @_;
	is(join(' ', grep { !-e "$root/outgoing/message/$_" } queue_ids($root)), '', 'no envelope without its message');
	my $more = 0;
	while (queue_ids($root) && $more++ < 5) {
		make_due($root, 20000);
		is(run_it($root, [], []), 0, 'the next run ends well') or last;
		last if !grep { envelope($root, $_) ne '' } queue_ids($root);
	}
	is(join(' ', grep { envelope($root, $_) ne '' } queue_ids($root)), '', 'nothing waits any more');
	my ($bobs, $carols, $reports) = (counted("$root.far", $bob), counted("$root.far", $carol), counted($root, $alice));
	is(join(' ', sort keys %$bobs), $messages == 3 ? 'asked one three' : 'asked three', 'nothing is lost');
	is(join(' ', keys %$carols), 'three', 'for nobody');
	my @twice = grep { $bobs->{$_} > 1 || ($carols->{$_} || 0) > 1 } keys %$bobs;
	cmp_ok(scalar @twice, '<=', 1, 'what is there twice is what was in hand') or diag "@twice";
	is(scalar(grep { $_ > 2 } values %$bobs, values %$carols), 0, 'and no more than twice');
	is(join(', ', sort keys %$reports), 'report failed, report relayed', 'each report is there');
	cmp_ok(scalar(grep { $_ > 1 } values %$reports), '<=', 1, 'and twice at most what was being made');
	my @stale = grep { m{^mail/\.incoming/.} } entries($root);
	cmp_ok(scalar @stale, '<=', $name =~ /^kill/ ? 2 : $name =~ / at unlinkat/ ? 1 : 0, 'what is left over can be counted') or diag "@stale";
	MailRoot::remove_directory("$root.far");
}

# With this error, and with two messages or three.
sub try_failing_calls_of_queue {
	my ($error, $count) = @_;
	$messages = $count || 3;
	return each_failing_call(root => queue_root(), error => $error, session => sub { session([], @_) }, judge => \&judge);
}

sub try_kills_of_queue {
	my (@flags) = @_;
	$messages = 3;
	return each_kill(root => queue_root(), session => sub { session(\@flags, @_) }, judge => \&judge);
}

1;
