# smtp-send logs in by the best that a server offers: its password never goes where somebody
# could read it, and is nowhere to be seen.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use MIME::Base64 qw(encode_base64);
use SendTest;

need('tcpserver', 'ucspi-tcp');
my $message = "From: bob\@example.com\nSubject: x\n\ntext\n";
my $bob = 'bob@example.com';
my $root = new_root([ $bob, 'a secret word' ]);
my $password = own_file("a secret word\nanother line\n");
my @to = ('-u', $bob, '-w', $password, $bob);
my @server = ('--', program('smtp-stdio'), '-a', '-d', $root);

sub arrived {
	my ($name) = @_;
	my @messages = messages($root, $bob);
	is(scalar @messages, 1, "$name: delivered");
	like(contents($messages[0] // '/dev/null'), qr/ with ESMTPA /, "$name: with a login");
	unlink @messages;
}

# By a command, where the connection is the user's own: the best mechanism, whatever is there
for ([ 'SCRAM-SHA-256' ], [ 'all', '-p' ]) {
	my ($name, @flags) = @$_;
	is_sent($name, $message, [ @to, @server, @flags ]);
	arrived($name);
	my ($status, $said) = smtp_send($message, [ '-v', @to, @server, @flags ]);
	like($said, qr/^C: \(not shown\)$/m, "$name: -v does not show it");
	unlike($said, qr/a secret word|@{[ encode_base64('a secret word', '') ]}|@{[ encode_base64("\0$bob\0a secret word", '') ]}/, "$name: nowhere"); ## smtp-send-login-d
	unlike($said, qr/^C: MAIL.*^S: 235/ms, "$name: first the login");
	arrived("$name, with -v");
}
# The local server
is_sent('the local server', $message, [ '-d', $root, @to ]);
arrived('the local server');

# Where the password comes from
for my $file (own_file('a secret word'), own_file("a secret word\r\n")) {
	is_sent('a password file', $message, [ '-u', $bob, '-w', $file, $bob, @server ]);
	arrived('a password file');
}
is_sent('a command', $message, [ '-u', $bob, '-w', "|head -n 1 <'$password'; echo more", $bob, @server ]);
arrived('a command');
is_refused('no such file', 66, qr/nowhere/, $message, [ '-u', $bob, '-w', '/nowhere', $bob, @server ]);
is_refused('an empty file', 66, qr/./, $message, [ '-u', $bob, '-w', own_file(''), $bob, @server ]);
is_refused('an empty line', 66, qr/./, $message, [ '-u', $bob, '-w', own_file("\nx\n"), $bob, @server ]);
is_refused('a command that says nothing', 66, qr/./, $message, [ '-u', $bob, '-w', '|exit 3', $bob, @server ]);
is_refused('a long line', 66, qr/./, $message, [ '-u', $bob, '-w', own_file('x' x 5000), $bob, @server ]);
is_refused('nobody to be asked', 66, qr/-w/, $message, [ '-u', $bob, $bob, @server ], before => [ 'setsid', '-w' ]);

# A password that is wrong, somebody who is not there, a server that wants none
is_refused('a wrong password', 69, qr/AUTH.* with 535 /, $message, [ '-u', $bob, '-w', own_file("wrong\n"), $bob, @server ], limit => 60);
is_refused('no such user', 69, qr/AUTH.* with 535 /, $message, [ '-u', 'eve@example.com', '-w', $password, $bob, @server ], limit => 60);
is_refused('no AUTH', 69, qr/AUTH/, $message, [ @to, @server, '-X', 'AUTH' ]); ## smtp-send-login-a
is_refused('nobody logs in where that is wanted', 69, qr/answers MAIL.* with 530 /, $message, [ $bob, @server ]);
is(scalar messages($root, $bob), 0, 'none of these is delivered');

# Which mechanism.  A server says what it has; what is sent shows what was chosen
my $plain = encode_base64("\0$bob\0a secret word", '');
my ($user, $word) = map { encode_base64($_, '') } $bob, 'a secret word';
sub log_of {
	my ($mechanisms, @rules) = @_;
	my $log = own_file('');
	my ($status, $said) = smtp_send($message, [ @to, odd_server('-l', $log, '-k', "AUTH $mechanisms", @rules) ]);
	return ($status, contents($log) =~ s/\r\n/\n/gr, $said);
}
my ($status, $log) = log_of('LOGIN PLAIN');
is($status, 0, 'PLAIN');
like($log, qr/^AUTH PLAIN \Q$plain\E$/m, 'PLAIN before LOGIN');
($status, $log) = log_of('LOGIN', 'AUTH=334 VXNlcm5hbWU6\r\n', '?/1=334 UGFzc3dvcmQ6\r\n', '?/2=235 2.7.0 Yes\r\n');
is($status, 0, 'LOGIN');
like($log, qr/^AUTH LOGIN(?: |\n)\Q$user\E\n\Q$word\E$/m, 'LOGIN where there is nothing else');
($status, $log) = log_of('plain login scram-sha-256 CRAM-MD5', 'AUTH=535 5.7.8 No\r\n');
is($status, 69, 'SCRAM-SHA-256 is the best');
like($log, qr/^AUTH SCRAM-SHA-256 /m, 'whatever the order');
unlike($log, qr/PLAIN|LOGIN|MAIL/, 'and no other is tried after it');

# A server that has seen the password's proof has to show its own
for ([ 'a wrong one', 'dj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9' ], [ 'none', '' ]) {
	my ($name, $final) = @$_;
	my $said;
	($status, $log, $said) = log_of('SCRAM-SHA-256', 'AUTH=334 ' . encode_base64('r=x,s=YWJj,i=4096', '') . '\r\n', "?=334 $final\\r\\n");
	is($status, 69, "a server with $name");
	unlike($log, qr/^MAIL/m, "a server with $name: it gets no mail"); ## smtp-send-login-c
}

# Over TCP: a password in clear to this host, or where -p says so
{
	my $port = free_port();
	my $server = Program->start(wire => 'null', group => 1, command => [ 'tcpserver', '-q', '-R', '-H', '-l', 0, '127.0.0.1', $port,
	    $^X, 'tests/odd-smtp-server', '-k', 'AUTH PLAIN' ]);
	ok(wait_until { can_connect($port) }, 'a server listens');
	is_sent('PLAIN to a loopback address', $message, [ '-S', "127.0.0.1:$port", @to ]);
}
SKIP: {
	# An address of this host that is no loopback one stands for the world
	my ($address) = map { /inet (\S+?)\// ? $1 : () } split /\n/, (run('', [ 'sh', '-c', 'ip -4 addr show scope global 2>/dev/null' ]))[0];
	skip 'no address but the loopback ones', 2 unless defined $address;
	my $port = free_port();
	my $server = Program->start(wire => 'null', group => 1, command => [ 'tcpserver', '-q', '-R', '-H', '-l', 0, $address, $port,
	    $^X, 'tests/odd-smtp-server', '-k', 'AUTH PLAIN' ]);
	my $again;
	wait_until { ($again) = smtp_send($message, [ '-S', "$address:$port", $bob ]); $again eq '0' };
	is_refused('PLAIN to elsewhere', 69, qr/PLAIN.*-p/, $message, [ '-S', "$address:$port", @to ]); ## smtp-send-login-b
	is_sent('-p allows it', $message, [ '-p', '-S', "$address:$port", @to ]);
}
done_testing;
