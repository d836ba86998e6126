# What a sender is told of messages for other hosts: of whom was refused or given up, who waits
# for long, and who was passed on to where no reports are made; and what the smarthost is told
# of what the sender wants to know.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use QueueTest;
use Report;
use SendTest;

my ($alice, $bob) = ('alice@example.org', 'bob@example.com');
my %is = (to => $alice, domain => 'example.org', host => 'mail.example.org');
my ($hour, $day) = (3600, 86400);

# A run with one entry.  Returns what the sender gets, the log, and the root.
sub run_with {
	my ($entry, @server) = @_;
	my $root = new_root($alice);
	my $id = enqueue($root, %$entry);
	my ($status, $log) = run_queue($root, '-v', @server);
	return ([ messages($root, $alice) ], $log, $root, $id);
}

sub no_report {
	my ($name, $entry, @server) = @_;
	my ($reports, $log, $root) = run_with($entry, @server);
	is(scalar @$reports, 0, "$name: no report") or diag($log); ## smtp-send-queue-report-b
	return ($log, $root);
}

my $far = new_root($bob, 'carol@example.com');
my @unknown = ('nobody@example.com', 'none@example.com');

# Refused: one report, about all of them
my ($reports, $log, $root) = run_with({ to => [ $bob, "$unknown[0] ORCPT=rfc822;no+2Bbody\@example.com", $unknown[1] ], from => "$alice ENVID=a+2Bb" }, smarthost($far));
is(scalar @$reports, 1, 'refused: one report') or diag($log);
my $report = is_report('refused', %is, path => $$reports[0], envid => 'a+b', returned => 'full', why => qr/refused.*550 5\.1\.1 No such mailbox/s,
    recipients => [ [ 'failed', $unknown[0], 'rfc822;no+body@example.com' ], [ 'failed', $unknown[1] ] ]); ## smtp-send-queue-report-a
is($report->{recipients}[0]{'remote-mta'}, 'dns; smart.example', 'refused: by whom');
like($report->{recipients}[0]{'diagnostic-code'}, qr/\Asmtp; 550 5\.1\.1 No such mailbox/, 'refused: how');
like($report->{content}, qr/\AReceived: from client\.example.*\n\.text of \d+\n\.\.\n\z/s, 'refused: the message, as it would have been sent');
is(join(' ', queue_ids($root)), '', 'refused: nothing waits');
like($log, qr/^smtp-send\[\d+\]: report id=\S+ to=alice\@example\.org$/m, 'refused: the log tells');

# Dates are local, also where that is to be read from a file
my $zone = -e '/usr/share/zoneinfo/Asia/Kolkata' ? 'Asia/Kolkata' : 'XYZ-5:30';
$root = new_root($alice);
enqueue($root, to => [ $unknown[0] ]);
with_errors('', [ program('smtp-send'), '-q', '-d', $root, smarthost($far) ], environment => { TZ => $zone });
$report = parse_report(contents((messages($root, $alice))[0]));
like($report->{$_->[0]}{$_->[1]}, qr/ \+0530\z/, "$_->[1]: in local time") for [ 'fields', 'date' ], [ 'message', 'arrival-date' ];

# How much comes back, and of what
for ([ 'RET=HDRS', 'header' ], [ 'RET=FULL', 'full' ]) {
	my ($ret, $returned) = @$_;
	($reports) = run_with({ to => [ $unknown[0] ], from => "$alice $ret" }, smarthost($far));
	is_report($ret, %is, path => $$reports[0], returned => $returned, why => qr/refused/, recipients => [ [ 'failed', $unknown[0] ] ]);
}
for ([ 'the message', '.=552 5.3.4 Too big', '5.3.4' ], [ 'MAIL', 'MAIL=550 Not you', '5.0.0' ], [ 'DATA', 'DATA=554 5.7.1 No', '5.7.1' ]) {
	my ($name, $rule, $status) = @$_;
	($reports) = run_with({ to => [ $bob, 'carol@example.com' ] }, smarthost($far, '-X', 'CHUNKING', '-x', $rule));
	is_report("$name is refused", %is, path => $$reports[0], returned => 'full', why => qr/refused/,
	    recipients => [ map { [ 'failed', $_, undef, $status ] } $bob, 'carol@example.com' ]);
}

# What the server cannot have
my $eight = "Subject: x\n\nGr\xc3\xbc\xc3\x9fe\n";
for ([ 'too large', '5.3.4', {}, '-m', 100 ], [ 'eight bits', '5.6.3', { message => $eight, from => "$alice BODY=8BITMIME" }, '-X', '8BITMIME' ],
    [ 'a header in UTF-8', '5.6.7', { message => "Subject: Gr\xc3\xbc\xc3\x9fe\n\nx\n", from => "$alice BODY=8BITMIME SMTPUTF8" }, '-X', 'SMTPUTF8' ]) {
	my ($name, $status, $entry, @flags) = @$_;
	($reports, $log) = run_with({ to => [ $bob ], %$entry }, smarthost($far, @flags));
	is_report($name, %is, path => $$reports[0], returned => 'full', why => qr/refused/, recipients => [ [ 'failed', $bob, undef, $status ] ]);
	unlike($log, qr/^C: MAIL/m, "$name: it is not even tried");
}
($reports) = run_with({ to => [ $bob, "zo\xc3\xab\@example.com" ], from => "$alice SMTPUTF8" }, smarthost($far, '-X', 'SMTPUTF8'));
$report = parse_report(contents($$reports[0]));
is(join(' ', map { "$_->{'final-recipient'} $_->{status}" } @{$report->{recipients}}), 'utf-8; zo\x{EB}@example.com 5.6.7', 'an address in UTF-8: it alone fails');

# Who wants none gets none
no_report('NOTIFY=NEVER', { to => [ "$unknown[0] NOTIFY=NEVER" ] }, smarthost($far));
no_report('NOTIFY=SUCCESS', { to => [ "$unknown[0] NOTIFY=SUCCESS,DELAY" ] }, smarthost($far));
no_report('the null sender', { to => [ $unknown[0] ], from => '' }, smarthost($far)); ## smtp-send-queue-report-c
no_report('a sender that there is not', { to => [ $unknown[0] ], from => 'nobody@example.org' }, smarthost($far));
no_report('4xx', { to => [ $bob ], arrived => 3 * $day }, smarthost($far, '-x', 'RCPT=451 4.7.1 Later'));
no_report('no server', { to => [ $bob ], arrived => 3 * $day }, '--', 'false');

# Elsewhere: the report goes into the queue, and with this run, which finds it there; one
# that is refused is the end of it
my $elsewhere = new_root($bob, 'anna@example.net');
$root = new_root($alice);
enqueue($root, to => [ $unknown[0] ], from => 'anna@example.net');
my ($status, $said) = run_queue($root, '-v', smarthost($elsewhere));
is($status, 0, 'a sender elsewhere: 0');
is_report('a sender elsewhere', %is, to => 'anna@example.net', domain => 'mail.example.org', path => (messages($elsewhere, 'anna@example.net'))[0], returned => 'full',
    why => qr/refused/, recipients => [ [ 'failed', $unknown[0] ] ]) if messages($elsewhere, 'anna@example.net') || fail('a sender elsewhere gets it');
like($said, qr/^C: MAIL FROM:<>.*\nC: RCPT TO:<anna\@example\.net> NOTIFY=NEVER$/m, 'it comes from nobody, and wants no answer');
enqueue($root, to => [ $unknown[0] ], from => 'nobody@example.net');
($status, $said) = run_queue($root, smarthost($elsewhere));
is(join(' ', map { "$_->{to} $_->{status}" } attempts($said)), "$unknown[0] 550 nobody\@example.net 550", 'a report that is refused');
is(join(' ', queue_ids($root)), '', 'and nothing comes of that'); ## smtp-send-queue-report-c

# Five days
($reports, $log) = run_with({ to => [ $bob ], arrived => 5 * $day + 10, tries => 30 }, smarthost($far, '-x', 'RCPT=451 4.7.1 Later'));
$report = is_report('five days of 4xx', %is, path => $$reports[0], returned => 'full', why => qr/five days/, recipients => [ [ 'failed', $bob, undef, '4.4.7' ] ]); ## smtp-send-queue-expiry
is($report->{recipients}[0]{'diagnostic-code'}, 'smtp; 451 4.7.1 Later', 'with the last reply');
unlike($log, qr/\bnext=/, 'it is not tried again');
($reports, $log, $root, my $id) = run_with({ to => [ $bob ], arrived => 5 * $day - 100, tries => 30 }, smarthost($far, '-x', 'RCPT=451 4.7.1 Later'));
is(scalar @$reports, 0, 'not yet five days');
like(envelope($root, $id), qr/^to 31 /m, 'it waits');
my ($due) = envelope($root, $id) =~ /^to 31 (\d+)/m;
ok($due > time + 4 * $hour - 60 && $due <= time + 4 * $hour, 'for four hours');
for ([ 'no server', '--', 'false' ], [ 'a server that is busy', smarthost($far, '-x', '+=421 4.3.2 Busy') ]) {
	my ($name, @server) = @$_;
	($reports, $log, $root) = run_with({ to => [ $bob, "carol\@example.com NOTIFY=NEVER" ], arrived => 5 * $day + 10 }, @server);
	is_report("five days, $name", %is, path => $$reports[0], returned => 'full', why => qr/five days/, recipients => [ [ 'failed', $bob, undef, '4.4.7' ] ]); ## smtp-send-queue-expiry
	is(join(' ', queue_ids($root)), '', "$name: nobody waits any more");
}
($reports, $log) = run_with({ to => [ $bob ], arrived => 5 * $day + 10 }, smarthost($far));
is(scalar @$reports, 0, 'a last try that is good');

# Four hours
my @late = smarthost($far, '-x', 'RCPT=451 4.7.1 Later');
no_report('four hours, and nobody has asked', { to => [ $bob, 'carol@example.com NOTIFY=SUCCESS,FAILURE' ], arrived => 4 * $hour + 10 }, @late);
no_report('not yet four hours', { to => [ "$bob NOTIFY=DELAY" ], arrived => 4 * $hour - 100 }, @late);
no_report('four hours, and nobody to tell', { to => [ "$bob NOTIFY=DELAY" ], from => '', arrived => 4 * $hour + 10 }, @late);
for ([ '4xx', @late ], [ 'no server', '--', 'false' ]) {
	my ($name, @server) = @$_;
	($reports, $log, $root, $id) = run_with({ to => [ "$bob NOTIFY=FAILURE,DELAY", 'carol@example.com' ], arrived => 4 * $hour + 10 }, @server);
	$report = is_report("four hours, $name", %is, path => $$reports[0], returned => 'header', why => qr/late|yet/, recipients => [ [ 'delayed', $bob, undef, '4.4.7' ] ]); ## smtp-send-queue-delay
	ok($report->{recipients}[0]{'will-retry-until'}, "$name: until when");
	like(envelope($root, $id), qr/^warned$/m, "$name: it is noted");
	make_due($root, 5 * $hour);
	run_queue($root, @server);
	is(scalar messages($root, $alice), 1, "$name: he is told once"); ## smtp-send-queue-delay
}

# What the server is told: letter for letter where it makes reports, and nothing where not
sub told {
	my ($name, $mail, $rcpt, @flags) = @_;
	my ($reports, $log) = run_with({ to => [ "$bob NOTIFY=Success,FAILURE ORCPT=rfc822;b+2Bob\@Example.com" ], from => "$alice BODY=8BITMIME RET=Hdrs ENVID=x+2By" }, smarthost($far, @flags));
	like($log, qr/^C: MAIL FROM:<alice\@example\.org> SIZE=\d+$mail$/m, "$name: MAIL"); ## smtp-3461-5.2.1
	like($log, qr/^C: RCPT TO:<bob\@example\.com>$rcpt$/m, "$name: RCPT"); ## smtp-3461-5.2.1
	return $reports;
}
is(scalar @{told('a server with DSN', ' RET=Hdrs ENVID=x\+2By', ' NOTIFY=Success,FAILURE ORCPT=rfc822;b\+2Bob\@Example\.com')}, 0, 'a server with DSN: it makes the reports'); ## smtp-3461-5.2.2
$reports = told('a server without', '', '', '-X', 'DSN');
is_report('a server without', %is, path => $$reports[0], envid => 'x+y', returned => 'header', why => qr/[Pp]assed on/, recipients => [ [ 'relayed', $bob, 'rfc822;b+ob@Example.com', '2.0.0' ] ]); ## smtp-3461-5.2.2
no_report('a server without, and nobody has asked', { to => [ $bob, 'carol@example.com NOTIFY=FAILURE,DELAY' ] }, smarthost($far, '-X', 'DSN'));

# What a run before has booked and could not report
$root = new_root($alice);
$id = enqueue($root, to => [ $bob, 'carol@example.com' ]);
alter($root, $id, sub { s/^to 0 \d+ (<bob.*)/failed 5.7.1 $1\nsaid gone.example: 550 5.7.1 No/m });
run_queue($root, smarthost($far));
$report = is_report('from before', %is, path => (messages($root, $alice))[0], returned => 'full', why => qr/refused/, recipients => [ [ 'failed', $bob, undef, '5.7.1' ] ]);
is($report->{recipients}[0]{'remote-mta'}, 'dns; gone.example', 'from before: by whom');
is(join(' ', queue_ids($root)), '', 'from before: and the other one is sent');
done_testing;
