# Accounts in a database: tests/peers/checkpassword/sql asks a real PostgreSQL on loopback,
# for both protocols.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use PeerTest;
use Test::More;

my ($bin) = sort { ($b =~ /(\d+)/)[0] <=> ($a =~ /(\d+)/)[0] } map { s{/initdb$}{}r } glob '/usr/lib/postgresql/*/bin/initdb';
$ENV{PATH} .= ":$bin" if $bin;
need(initdb => 'postgresql', psql => 'postgresql-client', curl => 'curl');

# The server does not run as root.
my $dir = scratch_dir();
my @as = ();
if ($> == 0) {
	my (undef, undef, $uid, $gid) = getpwnam 'nobody';
	chown $uid, $gid, $dir;
	chmod 0711, $dir;
	@as = ('setpriv', "--reuid=$uid", "--regid=$gid", '--clear-groups');
}
$ENV{HOME} = $dir;
my ($status, $out, $error) = run([@as, 'initdb', '-D', "$dir/db", '-U', 'postgres', '-A', 'trust', '--no-sync',
	'-E', 'UTF8', '--locale=C'], seconds => 60);
is($status, 0, 'a new database cluster') or BAIL_OUT("$out$error");
# Over the socket file whoever can reach it, over TCP with a password
spew("$dir/db/pg_hba.conf", "local all postgres trust\nhost mail mail 127.0.0.1/32 scram-sha-256\n");

my ($port, $server);

sub start_database
{
	for (1 .. 3) {
		$port = free_port();
		$server = start("$dir/log", @as, 'postgres', '-D', "$dir/db", '-c', 'listen_addresses=127.0.0.1',
			'-c', "port=$port", '-c', "unix_socket_directories=$dir", '-c', 'fsync=off');
		return 1 if until_true(sub { psql('postgres', 'SELECT 1') }, 10);
		stop($server, 'INT');
	}
	return 0;
}

sub psql
{
	my ($database, $text) = @_;
	my ($status, undef, $error) = run(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', $dir, '-p', $port,
		'-U', 'postgres', $database], input => $text);
	return defined $status && $status == 0;
}

ok(start_database(), 'PostgreSQL runs') or BAIL_OUT(slurp("$dir/log"));
ok(psql('postgres', "CREATE ROLE mail LOGIN PASSWORD 'of the database'; CREATE DATABASE mail;"), 'a database');
ok(psql('mail', <<'SQL'), 'with logins');
CREATE EXTENSION pgcrypto;
CREATE TABLE logins (login text PRIMARY KEY, password text);
INSERT INTO logins VALUES ('bob@example.com', crypt('secret', gen_salt('bf', 8))),
	('ann@example.org', crypt($$it's "a" \test; $(id) %s ü$$, gen_salt('bf', 8))),
	('closed@example.com', NULL);
GRANT SELECT ON logins TO mail;
SQL
my $odd = q(it's "a" \test; $(id) %s ) . "\xc3\xbc";
spew("$dir/pgpass", "127.0.0.1:*:mail:mail:of the database\n");
chmod 0600, "$dir/pgpass";

spew("$dir/checkpassword-sql", slurp('tests/peers/checkpassword/sql'));
chmod 0755, "$dir/checkpassword-sql";
my $command = "$dir/checkpassword-sql postgresql://mail\@127.0.0.1:$port/mail?passfile=$dir/pgpass";
my $root = scratch_dir() . '/root';
mkdir $root, 0700;

# One login.  Returns the reply.
sub smtp
{
	my ($login, $password) = @_;
	my $plain = encode_base64("\0$login\0$password", '');
	my (undef, $replies) = run([program('smtp-stdio'), '-d', $root, '-p', '-A', $command],
		input => "EHLO client.example\r\nAUTH PLAIN $plain\r\nQUIT\r\n");
	return $replies =~ /^(\d{3} [^\r\n]*)\r\n221 [^\n]*\n\z/m ? $1 : $replies;
}

sub pop3
{
	my ($login, $password) = @_;
	my (undef, $replies) = run([program('pop3-stdio'), '-d', $root, '-p', '-A', $command],
		input => "USER $login\r\nPASS $password\r\nQUIT\r\n");
	return $replies =~ /^([^\r\n]*)\r\n\+OK[^\n]*\n\z/m ? $1 : $replies;
}

sub accounts
{
	return join ' ', map { m{([^/]+/[^/]+)$} } glob "$root/accounts/*/*";
}

for (['bob@example.com', 'secret'], ['ann@example.org', $odd]) {
	like(smtp(@$_), qr/^235 /, "SMTP: the database lets $_->[0] in");
	like(pop3(@$_), qr/^\+OK/, "POP3: the database lets $_->[0] in");
}
is(accounts(), 'example.com/bob example.org/ann', 'they have accounts now');

for (['bob@example.com', 'Secret'], ['eve@example.com', 'secret'], ['closed@example.com', 'secret'],
	["'or'1'='1\@example.com", 'secret'], ['bob@example.com', "' OR '1'='1"],
	['bob@example.com', "secret'; DROP TABLE logins; --"], ['bob@example.com', '\\'],
	['bob@example.com', '\x736563726574'], ['bob@example.com', '%s%s%s%s']) {
	like(smtp(@$_), qr/^535 /, "SMTP: refused: @$_");
	like(pop3(@$_), qr/^-ERR \[AUTH\]/, "POP3: refused: @$_");
}
is(accounts(), 'example.com/bob example.org/ann', 'and nobody else has an account');

# A whole way through: one client sends, another fetches.  Not every supervisor can hand on
# an argument with a blank in it.
spew("$dir/checkpassword", "#!/bin/sh\nexec $command \"\$@\"\n");
chmod 0755, "$dir/checkpassword";
my $supervisor = any_supervisor();
my ($smtp) = start_supervisor($supervisor, program('smtp-stdio'), '-p', '-d', $root, '-A', "$dir/checkpassword");
my ($pop3) = start_supervisor($supervisor, program('pop3-stdio'), '-p', '-d', $root, '-A', "$dir/checkpassword");
my $message = spew("$dir/message", "Subject: by way of the database\r\n\r\ntext\r\n");
($status, undef, $error) = run(['curl', '-sS', "smtp://127.0.0.1:$smtp/client.example", '-u', 'bob@example.com:secret',
	'--mail-from', 'bob@example.com', '--mail-rcpt', 'ann@example.org', '-T', $message]);
is($status, 0, 'curl logs in and sends') or diag($error);
($status, $out, $error) = run(['curl', '-sS', "pop3://127.0.0.1:$pop3/1", '-u', "ann\@example.org:$odd"]);
is($status, 0, 'curl logs in and fetches') or diag($error);
is(text_of($out), "Subject: by way of the database\n\ntext\n", 'what was sent');
like($out, qr/ with ESMTPA /, 'from somebody who had logged in');

# What changes there is so at once; without it nobody is let in, nor told that he is wrong.
ok(psql('mail', q(UPDATE logins SET password = crypt('new', gen_salt('bf', 8)) WHERE login = 'bob@example.com')), 'an update');
like(pop3('bob@example.com', 'new'), qr/^\+OK/, 'a new password is good');
like(pop3('bob@example.com', 'secret'), qr/^-ERR \[AUTH\]/, 'the old one no longer');
ok(psql('mail', q(DELETE FROM logins WHERE login = 'bob@example.com')), 'a deletion');
like(smtp('bob@example.com', 'new'), qr/^535 /, 'who is taken out is out');
is(stop($server, 'INT'), 0, 'the database is stopped');
like(smtp('ann@example.org', 'secret'), qr/^454 4\.7\.0 /, 'SMTP: try again later');
like(pop3('ann@example.org', 'secret'), qr{^-ERR \[SYS/TEMP\] }, 'POP3: try again later');
done_testing();
