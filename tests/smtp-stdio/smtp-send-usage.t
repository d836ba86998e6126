# The command line of smtp-send: what is wrong with it is a line and the synopsis, 64, and
# nothing is sent.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

my $message = "Subject: x\n\ntext\n";
my $bob = 'bob@example.com';

for ([ 'no recipient' ], [ 'no such flag', '-Q', $bob ], [ 'no value', $bob, '-s' ], [ 'no value, and the command behind', '-s', odd_server() ],
    [ '-N of another word', '-N', 'always', $bob ], [ '-N never and more', '-N', 'never,success', $bob ], [ '-N of nothing', '-N', '', $bob ],
    [ '-N with a comma too many', '-N', 'success,', $bob ], [ '-R of another word', '-R', 'half', $bob ], [ '-T 0', '-T', 0, $bob ],
    [ '-T of no number', '-T', 'x', $bob ], [ '-T past all bounds', '-T', '99999999999999999999', $bob ], [ '-h with a blank', '-h', 'a b', $bob ],
    [ '-h with a line end', '-h', "a\r\nQUIT", $bob ], [ '-h of nothing', '-h', '', $bob ], [ '-f that is no address', '-f', 'anna@', $bob, odd_server() ], [ '-f without a domain', '-f', 'anna', $bob, odd_server() ],
    [ '-f of two', '-f', 'a@b.example, c@d.example', $bob, odd_server() ], [ '-f with a line end', '-f', "a\@b.example>\r\nRSET", $bob, odd_server() ],
    [ 'no command behind --', $bob, '--' ], [ '-S and --', '-S', '127.0.0.1', $bob, odd_server() ], [ '-d and --', '-d', '/nowhere', $bob, odd_server() ],
    [ '-d and -S', '-d', '/nowhere', '-S', '127.0.0.1', $bob ], [ '-w without -u', '-w', '/dev/null', $bob, odd_server() ]) {
	my ($name, @arguments) = @$_;
	my ($status, $said) = smtp_send($message, \@arguments);
	is($status, 64, "$name: 64");
	# What cannot be seen in the flags alone comes without the synopsis
	like($said, qr/\A(?:smtp-send: [^\n]+\n|[^\n]+\nusage: smtp-send (?:[^\n]+\n)+)\z/, "$name: a line that says what, and the synopsis") or diag($said);
}

# What is read first, and what is not read at all
my $log = own_file('');
is_sent('flags before recipients', $message, [ '-f', 'anna@example.org', $bob, 'carol@example.com', odd_server('-l', $log) ]);
like(contents($log), qr/^MAIL FROM:<anna\@example\.org>.*^RCPT TO:<bob\@example\.com>.*^RCPT TO:<carol\@example\.com>/ms, 'all of them');
$log = own_file('');
is_sent('the message is standard input, to its end', '', [ $bob, odd_server('-l', $log) ]);
like(contents($log), qr/^From: .*^\.\r$/ms, 'an empty one is a message');

# Standard input that cannot be read
my ($output, $status, $errors) = with_errors('', [ 'sh', '-c', 'exec "$@" <&-', 'sh', program('smtp-send'), $bob, odd_server() ]);
isnt($status, 0, 'no standard input');
like($errors, qr/\Asmtp-send: [^\n]+\n\z/, 'it is said') or diag($errors);
($output, $status, $errors) = with_errors('', [ 'sh', '-c', 'exec "$@" </', 'sh', program('smtp-send'), $bob, odd_server() ]);
isnt($status, 0, 'a directory for standard input');
like($errors, qr/\Asmtp-send: [^\n]+\n\z/, 'it is said') or diag($errors);

# No place for a copy; and where there is one, nothing is left in it
my $place = new_file('x') =~ s{/x\z}{}r;
is_sent('a place of its own', $message, [ '-s', 'y', '-A', own_file('file'), $bob, odd_server() ], environment => { TMPDIR => $place });
is(join(' ', glob "$place/*"), '', 'nothing is left there');
is_refused('no $TMPDIR', 73, qr{/nowhere/}, $message, [ $bob, odd_server() ], environment => { TMPDIR => '/nowhere' });

# Stopped: the server gets no message in part
my $root = new_root($bob);
my $sending = Program->start(command => [ program('smtp-send'), $bob, '--', program('smtp-stdio'), '-d', $root ], environment => { MAIL_STDIO_LOG => 'syslog' });
$sending->send($message);
wait_until { (readlink "/proc/$sending->{pid}/exe" || '') =~ /smtp-send/ };
$sending->signal('TERM');
like($sending->status, qr/\A(?:signal 15|75)\z/, 'SIGTERM while the message is read ends it');
is(scalar messages($root, $bob), 0, 'nothing is sent');
$errors = own_file('');
$log = own_file('');
$sending = Program->start(errors => $errors, command => [ program('smtp-send'), $bob, odd_server('-l', $log, 'MAIL={silence}') ]);
$sending->send($message);
$sending->close_input;
ok(wait_until { contents($log) =~ /^MAIL/m }, 'it talks to its server');
$sending->signal('TERM');
is($sending->status, 75, 'SIGTERM while a reply is awaited: 75');
like(contents($errors), qr/\Asmtp-send: [^\n]*signal[^\n]*\n\z/, 'and a line') or diag(contents($errors));
done_testing;
