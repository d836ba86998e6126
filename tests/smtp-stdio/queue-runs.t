# Runs of the queue: side by side, more than one connection, a server that is not there, that
# ends sessions, or that is for some domains only; a message that is just being put there.
use strict;
use warnings;
use lib 'tests/lib';
use Fcntl qw(F_RDLCK F_SETLK F_UNLCK F_WRLCK SEEK_SET);
use MailTest;
use QueueTest;
use SendTest;

my @people = map { "$_\@example.com" } qw(bob carol);

sub connections {
	my ($log) = @_;
	return scalar(() = $log =~ /^C: EHLO/mg);
}

# What a server says of a fault, or ends with
sub messages_of {
	my ($far) = @_;
	my %times;
	$times{/^Subject: (\S+)/m ? $1 : '?'}++ for map { contents($_) } messages($far, 'bob@example.com');
	return join ' ', map { $times{$_} == 1 ? $_ : "$_ ($times{$_} times)" } sort { length $a <=> length $b || $a cmp $b } keys %times;
}
my $many = join ' ', 1 .. 20;

sub with_many {
	my ($root, $far) = (new_root('alice@example.org'), new_root(@people));
	enqueue($root, to => [ 'bob@example.com' ], message => letter($_)) for 1 .. 20;
	return ($root, $far);
}

# A server that ends the session after some messages: the next connection goes on, and no
# message has been tried for nothing
for my $rule ('MAIL/4=421 4.3.2 Enough', 'MAIL/4=') {
	for my $flags ([], [ '-j', 3 ]) {
		my ($root, $far) = with_many();
		my ($status, $log) = run_queue($root, '-v', @$flags, smarthost($far, '-x', $rule));
		is($status, 0, "$rule, @$flags: 0") or diag($log);
		is(messages_of($far), $many, "$rule, @$flags: each is there once");
		is(join(' ', queue_ids($root)), '', "$rule, @$flags: none is left");
		cmp_ok(connections($log), '<=', @$flags ? 14 : 8, "$rule, @$flags: as many connections as it takes"); ## smtp-send-queue-b
		is(scalar(grep { $_->{status} ne 250 } attempts($log)), 0, "$rule, @$flags: no try was in vain") if !@$flags;
	}
}

# One that takes nothing: one connection, and what was not tried is still due
my ($root, $far) = with_many();
my ($status, $log) = run_queue($root, '-v', smarthost($far, '-x', '.='));
is($status, 75, 'lost at the first message: 75');
is(connections($log), 1, 'and it was one connection');
is(scalar(grep { envelope($root, $_) =~ /^to 1 /m } queue_ids($root)), 1, 'one was tried'); ## smtp-send-queue-d

# One that is not there, or says no before a message: one connection, and nothing is booked
for ([ 'nobody listens', 75, '-S', '127.0.0.1:' . free_port() ], [ 'no such command', 69, '--', '/nowhere/smtp' ],
    [ 'greeted with 421', 75, smarthost($far, '-x', '+=421 4.3.2 Busy') ], [ 'greeted with 554', 69, smarthost($far, '-x', '+=554 5.7.1 No') ],
    [ 'no such host', qr/\A(?:69|75)\z/, '-S', 'nowhere.invalid' ], [ 'no AUTH', 69, '-u', 'x', '-w', own_file("y\n"), smarthost($far, '-X', 'AUTH') ]) {
	my ($name, $expected, @server) = @$_;
	my ($root) = with_many();
	my %before = map { $_ => envelope($root, $_) } queue_ids($root);
	my ($status, $log) = run_queue($root, '-j', 4, '-v', @server);
	like($status, ref $expected ? $expected : qr/\A$expected\z/, "$name: $expected");
	is(scalar(() = $log =~ /: unreachable reason=/g), 1, "$name: one line says it") or diag($log); ## smtp-send-queue-e
	cmp_ok(scalar(() = $log =~ /^S: 220/mg), '<=', 1, "$name: one connection at most");
	is_deeply({ map { $_ => envelope($root, $_) } queue_ids($root) }, \%before, "$name: all is as it was");
}

# Connections side by side: the log of each is a session of its own
($root, $far) = with_many();
($status, $log) = run_queue($root, '-v', '-j', 4, smarthost($far));
is($status, 0, '-j 4: 0');
is(messages_of($far), $many, '-j 4: each is there once');
is(connections($log), 4, '-j 4: over four connections'); ## smtp-send-queue-b
($root, $far) = with_many();
unlink map { my $id = $_; map { "$root/outgoing/$_/$id" } 'envelope', 'message' } (queue_ids($root))[2 .. 19];
($status, $log) = run_queue($root, '-v', '-j', 100, smarthost($far));
is(messages_of($far), '1 2', 'more than there are messages: each is there once');
cmp_ok(connections($log), '<=', 2, 'over no more connections than messages');

# Two runs at the same time, and three
for my $runs (2, 3) {
	my ($root, $far) = with_many();
	my @runs = map { Program->start(command => [ program('smtp-send'), '-q', '-d', $root, '-j', 2, smarthost($far) ], limit => 60) } 1 .. $runs;
	$_->rest for @runs;
	is(join(' ', map { $_->status } @runs), join(' ', (0) x $runs), "$runs runs: all end well");
	is(messages_of($far), $many, "$runs runs: each is there once"); ## smtp-send-queue-f
	is(join(' ', queue_ids($root)), '', "$runs runs: none is left");
}

# Somebody holds a message: it is sent by nobody else
($root, $far) = (new_root('alice@example.org'), new_root(@people));
my $held = enqueue($root, to => [ 'bob@example.com' ], message => letter('held'));
open my $message, '+<', "$root/outgoing/message/$held" or die "$held: $!\n";
sub lock_it {
	my ($type) = @_;
	fcntl $message, F_SETLK, pack('s s x![l!] l! l! i x![l!]', $type, SEEK_SET, 0, 0, 0) or die "fcntl: $!\n";
}
lock_it(F_WRLCK);
alter($root, $held, sub { s/^to 0/to 1/m });
my $began = time;
($status, $log) = run_queue($root, smarthost($far));
is($status, 0, 'it is being sent: 0') or diag($log);
is(messages_of($far), '', 'by who holds it'); ## smtp-send-queue-f
# One that was never tried is waited for
alter($root, $held, sub { s/^to 1/to 0/m });
my $run = Program->start(command => [ program('smtp-send'), '-q', '-d', $root, smarthost($far) ], limit => 60);
select undef, undef, undef, 0.2;
lock_it(F_UNLCK);
$run->rest;
is($run->status, 0, 'one that is just being put there: 0');
is(messages_of($far), 'held', 'it is sent as soon as it is there');
close $message;

# Routes
($root, $far) = (new_root('alice@example.org'), new_root(map { "bob\@$_" } qw(example.com mail.example.com example.net)));
my $id = enqueue($root, to => [ map { "bob\@$_" } qw(example.com mail.example.com example.net) ]);
sub routed {
	my ($name, $expected, @domains) = @_;
	my ($status, $log) = run_queue($root, map({ ('-D', $_) } @domains), smarthost($far));
	is($status, 0, "-D @domains: 0");
	is(join(' ', map { $_->{to} =~ s/.*@//r } attempts($log)), $expected, "-D @domains: $name"); ## smtp-send-queue-route
}
routed('nobody', '', 'example.org');
routed('nobody', '', '.com.example');
routed('all but these', 'mail.example.com', '!example.com', '!Example.NET');
routed('nobody is left for it', '', '.example.com');
routed('one domain', 'example.net', 'example.net', 'example.org');
routed('all the others', 'example.com', '!.example.com');
is(join(' ', queue_ids($root)), '', 'and then it is done');

# Stopped: what was sent is booked, and nothing else has changed
($root, $far) = (new_root('alice@example.org'), new_root(@people));
enqueue($root, to => [ 'bob@example.com' ]) for 1 .. 2;
my $log_file = own_file('');
$run = Program->start(command => [ program('smtp-send'), '-q', '-d', $root, odd_server('-l', $log_file, 'MAIL/2={silence}') ], limit => 60);
wait_until { contents($log_file) =~ /MAIL.*MAIL/s };
$run->signal('TERM');
is($run->status, 75, 'SIGTERM: 75');
is(join(' ', map { envelope($root, $_) =~ /^to (\d+)/m } queue_ids($root)), '0', 'what was sent is gone, the other is as it was');

# Killed between two transactions of one message: what was said in the first is booked
($root, $far) = (new_root('alice@example.org'), new_root(@people));
$id = enqueue($root, to => [ map { "$_\@example.com" } qw(bob carol dave) ]);
$log_file = own_file('');
$run = Program->start(command => [ program('smtp-send'), '-q', '-d', $root, odd_server('-l', $log_file, '-k', 'LIMITS RCPTMAX=1',
    'RCPT/2=450 4.7.1 Later\r\n', 'MAIL/3={silence}') ], limit => 60);
wait_until { (() = contents($log_file) =~ /^MAIL/mg) == 3 };
kill 'KILL', split ' ', Program::of_process($run->{pid}, "task/$run->{pid}/children");
$run->rest;
is($run->status, 70, 'one that is killed: 70');
like(envelope($root, $id), qr/^to 1 \d+ <carol\@example\.com>\nsaid \S+: 450 4\.7\.1 Later\nto 0 \d+ <dave\@example\.com>\n\z/m, 'what was said before is booked');
unlike(envelope($root, $id), qr/bob/, 'and who has it, has it once'); ## smtp-send-queue-c

# A command that does not end by itself is not left behind
($root, $far) = (new_root('alice@example.org'), new_root(@people));
enqueue($root, to => [ 'bob@example.com' ]);
my $trail = own_file('');
($status, $log) = run_queue($root, '--', 'sh', '-c', 'echo $$ >"$0"; "$@"; exec sleep 100 </dev/null >/dev/null 2>&1', $trail, program('smtp-stdio'), '-d', $far);
is($status, 0, 'a command that does not end: 0');
is(scalar messages($far, 'bob@example.com'), 1, 'the message is sent');
chomp(my $command = contents($trail));
ok(wait_until { Program::of_process($command, 'stat') !~ /\A\d+ \(sleep\) [^Z]/ }, 'and the command is ended');

# Envelopes and messages that are none are left alone, and do not hinder the others
($root, $far) = (new_root('alice@example.org'), new_root(@people));
my @odd = map { enqueue($root, to => [ 'bob@example.com' ]) } 1 .. 6;
alter($root, $odd[0], sub { s/^from/form/m });
alter($root, $odd[1], sub { $_ = '' });
alter($root, $odd[2], sub { s/<bob\@/<bo b\@/ });
alter($root, $odd[3], sub { s/>$/> NOTIFY=SOMETIMES/m });
unlink map { "$root/outgoing/message/$_" } @odd[4, 5];
mkdir "$root/outgoing/message/$odd[4]" or die "$odd[4]: $!\n";
symlink $odd[0], "$root/outgoing/message/$odd[5]" or die "$odd[5]: $!\n";
enqueue($root, to => [ 'bob@example.com' ], message => letter('good'));
($status, $log) = run_queue($root, smarthost($far));
is($status, 65, 'malformed envelopes: 65');
is(messages_of($far), 'good', 'the good one is sent');
is(join(' ', queue_ids($root)), join(' ', sort @odd), 'the others are left alone');
like($log, qr/^\S+: queue id=$_ reason=/m, 'and named') for @odd;

done_testing;
