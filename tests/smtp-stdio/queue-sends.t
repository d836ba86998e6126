# smtp-send -q sends what is due: to a command, over TCP, by LMTP, with a login; many
# messages over one connection; and what is sent is what was stored, but for its
# Return-Path.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket::IP;
use MailTest;
use QueueTest;
use SendTest;

my @people = map { "$_\@example.com" } qw(bob carol dave);
my $root = new_root('alice@example.org');
my $trace = qr/\AReceived: from client\.example \(unknown\)\n\tby mail\.example\.org with ESMTPA id [0-9a-f]{21};\n\tSat, 21 Nov 2026 12:00:00 \+0000\n/;

# Whatever the server offers, it is the same.
for my $without ([], [ 'CHUNKING' ], [ 'PIPELINING', 'CHUNKING', 'SIZE' ]) {
	my $name = 'without ' . (join(' and ', @$without) || 'nothing');
	my $far = new_root(@people);
	enqueue($root, to => [ 'bob@example.com' ], message => letter('one'));
	enqueue($root, to => \@people, message => letter('three'));
	enqueue($root, to => [ 'bob@example.com' ], from => '', message => letter('nobody'));
	my ($status, $log) = run_queue($root, '-v', smarthost($far, map { ('-X', $_) } @$without));
	is($status, 0, "$name: 0");
	is(join(' ', queue_ids($root)), '', "$name: nothing is left"); ## smtp-send-queue-a
	my %has = map { $_ => [ sent_to($far, $_) ] } @people;
	is(join(' ', map { scalar @{$has{$_}} } @people), '3 1 1', "$name: each has what is for him");
	is(scalar(() = $log =~ /^C: EHLO mail\.example\.org$/mg), 1, "$name: one connection"); ## smtp-send-queue-b
	my ($three) = @{$has{'carol@example.com'}};
	like($three, $trace, "$name: the trace is kept");
	is($three =~ s/$trace//r, letter('three'), "$name: and all behind it, but no Return-Path"); ## smtp-send-queue-a
	my @attempts = attempts($log);
	is(scalar @attempts, 5, "$name: a line for each attempt");
	is(join(' ', map { "$_->{to}:$_->{status}:$_->{tries}:$_->{server}" } $attempts[0]), 'bob@example.com:250:1:smart.example', "$name: which says it all"); ## smtp-send-queue-log
	like($log, qr/^C: MAIL FROM:<>/m, "$name: the null sender");
}

# What is not due waits
my $later = enqueue($root, to => [ 'bob@example.com' ], due => 1000);
my $far = new_root(@people);
my ($status, $log) = run_queue($root, smarthost($far));
is("$status $log", '0 ', 'nothing is due: nothing is said');
is(join(' ', queue_ids($root)), $later, 'and it waits on');
alter($root, $later, sub { s/^(to 0 )\d+/$1 . time/me });
($status) = run_queue($root, smarthost($far));
is($status . scalar messages($far, 'bob@example.com'), '01', 'until it is due');

# Recipients have their own times
my $id = enqueue($root, to => \@people);
alter($root, $id, sub { s/^(to 0 )(\d+)(?= <carol)/$1 . ($2 + 1000)/me });
($status) = run_queue($root, smarthost($far));
is(join(' ', map { scalar messages($far, $_) } @people), '2 0 1', 'who is due has it'); ## smtp-send-queue-c
like(envelope($root, $id), qr/\Aarrived \d+\nfrom <alice\@example\.org>\nto 0 \d+ <carol\@example\.com>\n\z/, 'the other one alone is left');
cmp_ok((stat "$root/outgoing/envelope/$id")[9], '>', time + 900, 'and the envelope has his time'); ## smtp-send-queue-c
unlink "$root/outgoing/$_/$id" for 'envelope', 'message';

# LMTP: a reply for each recipient
my $quota = "$far/accounts/example.com/bob/quota";
open my $file, '>', $quota or die "$quota: $!\n";
print $file "1\n";
close $file;
$id = enqueue($root, to => \@people);
($status, $log) = run_queue($root, '-l', '-v', smarthost($far, '-l', '-X', 'SIZE'));
is($status, 0, 'LMTP: 0');
like($log, qr/^C: LHLO mail\.example\.org$/m, 'LMTP: LHLO');
is(join(' ', map { scalar messages($far, $_) } @people), '2 1 2', 'LMTP: those who can have it');
like(envelope($root, $id), qr/^to 1 \d+ <bob\@example\.com>\nsaid smart\.example: 452 4\.2\.2 /m, 'LMTP: the other one waits');
unlike(envelope($root, $id), qr/carol|dave/, 'LMTP: alone');
unlink $quota, map { "$root/outgoing/$_/$id" } 'envelope', 'message';

# Over TCP, with a login, whose password is read once
my $safe = new_root([ 'relay@example.com', 'secret' ], @people);
my $listener = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 5, Type => Socket::SOCK_STREAM()) or die "listen: $!\n";
my $server = fork;
die "fork: $!\n" unless defined $server;
if (!$server) {
	alarm 60;
	while (my $connection = $listener->accept) {
		my $pid = fork;
		if (defined $pid && !$pid) {
			open STDIN, '<&', $connection;
			open STDOUT, '>&', $connection;
			close $connection;
			$ENV{MAIL_STDIO_LOG} = 'syslog';
			exec program('smtp-stdio'), '-a', '-d', $safe;
		}
		close $connection;
	}
	exec 'true';
}
my $password = own_file("secret\n");
my @login = ('-u', 'relay@example.com', '-w', $password, '-S', '127.0.0.1:' . $listener->sockport);
enqueue($root, to => [ 'bob@example.com' ], message => letter($_)) for 1 .. 10;
($status, $log) = run_queue($root, '-j', 3, @login);
is($status, 0, 'by TCP and a login: 0') or diag($log);
is(scalar messages($safe, 'bob@example.com'), 10, 'each is there once');
is(join(' ', queue_ids($root)), '', 'and nothing is left');
enqueue($root, to => [ 'bob@example.com' ]);
($status, $log) = run_queue($root, @login[0, 1], '-w', own_file("wrong\n"), @login[4, 5]);
is($status, 69, 'a wrong password: 69') or diag($log);
like($log, qr/\A\S+: unreachable reason="[^\n]*AUTH with 535[^\n]*"\n\z/, 'and one line'); ## smtp-send-queue-e
like(envelope($root, queue_ids($root)), qr/^to 0 /m, 'which is no try');
($status, $log) = run_queue($root, @login[0, 1], '-w', '/nowhere', @login[4, 5]);
is($status, 66, 'no password: 66');
like($log, qr{\A\S+: queue reason="[^\n]*/nowhere[^\n]*"\n\z}, 'and one line');
kill 'KILL', $server;
waitpid $server, 0;
done_testing;
