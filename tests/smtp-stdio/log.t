# What is logged and where: a line for each delivery and each session, on standard error;
# with a priority under systemd; and never into the connection, where a supervisor gave
# that as descriptor 2 too.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $session = "EHLO client.example\r\nMAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\n"
    . "DATA\r\nSubject: secret words\r\n\r\nsecret words\r\n.\r\nQUIT\r\n";
my $value = qr/(?:[^\s"=]+|"(?:[^"\\]|\\.)*")/;

my $root = new_root('bob@example.com');
my ($output, $status, $errors) = with_errors($session, [ program('smtp-stdio'), '-d', $root ],
    environment => { TCPREMOTEIP => '192.0.2.1' });
my @lines = grep { /=/ && !/running.as.root/ } split /\n/, $errors;
is(scalar(@lines), 2, 'a line for the delivery and one for the session') or diag $errors;
my ($id) = $output =~ /^250 2\.0\.0 OK id=(\S+)/m;
like($lines[0], qr/\bid=\Q$id\E\b/, 'the delivery is logged with its id');
like($_, qr/(?:^| )[a-z]+(?: [a-z-]+=$value)+$/, 'key=value, values in quotes where need be') for @lines;
like($_, qr/=192\.0\.2\.1\b/, 'and with the peer') for @lines;
unlike($errors, qr/secret/, 'nothing of the message is in the log');

# Standard error is the connection itself: classic inetd.
for my $wire ('socket', 'tcp') {
	my $client = Program->start(command => [ '/bin/sh', '-c', 'exec "$@" 2>&1', 'sh', program('smtp-stdio'), '-v', '-d', $root ],
	    wire => $wire);
	$client->send($session);
	$output = $client->rest;
	is(() = $output =~ /^(?!\d{3}[- ][^\r\n]*\r$)/mg, 0, "$wire as descriptor 2: nothing but replies comes") or diag $output;
	is($client->status, 0, 'the session ends well');
}

# Under systemd: $JOURNAL_STREAM names what standard error is.
my $log = new_file('journal');
open my $file, '>', $log or die "$log: $!\n";
close $file;
my ($device, $inode) = stat $log;
run($session, [ program('smtp-stdio'), '-d', $root ], errors => $log, environment => { JOURNAL_STREAM => "$device:$inode" });
my @journal = split /\n/, contents($log);
is(scalar(grep { !/^<[0-7]>\w/ } @journal), 0, 'under systemd each line has its priority');
cmp_ok(scalar(@journal), '>=', 2, 'and they are there');
(undef, undef, $errors) = with_errors($session, [ program('smtp-stdio'), '-d', $root ], environment => { JOURNAL_STREAM => "1:$inode" });
unlike($errors, qr/^<\d>/m, 'where standard error has gone elsewhere, it has none');

# -v: the conversation, without raw control characters.
(undef, undef, $errors) = with_errors("EHLO client.example\r\nFOO \x1b[2J\x07\xff\r\nNOOP x\r\nQUIT\r\n",
    [ program('smtp-stdio'), '-v', '-d', $root ]);
like($errors, qr/EHLO client\.example/, '-v: what the client said');
like($errors, qr/221 2\.0\.0/, 'and what it was answered');
unlike($errors, qr/[^\x20-\x7e\n]/, 'never a raw control character');
unlike($errors, qr/[^\n]{2000}/, 'nor an endless line');

# Nobody reads the log, or there is none: mail goes on.
($output, $status) = run($session, [ '/bin/sh', '-c', 'exec "$@" 2>&-', 'sh', program('smtp-stdio'), '-d', $root ]);
is($status, 0, 'descriptor 2 closed: the session ends well');
like($output, qr/^250 2\.0\.0 OK id=/m, 'and the message is taken');
is(scalar(grep { contents($_) =~ /delivery|session/ } messages($root, 'bob@example.com')), 0, 'and no log line is in a message');

done_testing;
